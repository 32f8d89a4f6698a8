import type { IncomingMessage, ServerResponse } from 'node:http'
import { execute, graphql, subscribe } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import type { WebSocketServer } from 'ws'
import { root, schema, streams } from './graph'
import { json } from './server'

/** Answers GraphQL by POST. */
export async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const piece of request) body += String(piece)
  const { query, variables, operationName } = JSON.parse(body) as { query: string; variables?: Record<string, unknown>; operationName?: string }
  json(response, 200, await graphql({ schema, source: query, rootValue: root, variableValues: variables, operationName }))
}

/** Speaks graphql-transport-ws on a socket server. */
export function subscriptions(sockets: WebSocketServer): void {
  useServer({
    schema, execute, subscribe,
    roots: { query: root, subscription: streams },
  }, sockets)
}
