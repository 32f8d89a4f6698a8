import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { answer, subscriptions } from './graphql'
import type { NodeTable } from '../../src/scene/frames'
import type { MockScene } from './stream'

export interface Blob { glb?: string; bytes?: Buffer; table?: NodeTable }

export interface MockOptions {
  scenes: Map<string, MockScene>
  blobs: Map<string, Blob>
  /** Answers everything that is neither a scene nor a blob. */
  rest: (request: IncomingMessage, response: ServerResponse) => void
  port?: number
  sockets?: boolean
}

/** A small server that speaks what the viewer needs; returns its base address and how to end it. */
export async function serve(options: MockOptions): Promise<{ url: string; server: Server; close(): Promise<void> }> {
  const sockets = new WebSocketServer({ noServer: true })
  const operations = new WebSocketServer({ noServer: true, handleProtocols: () => 'graphql-transport-ws' })
  subscriptions(operations)
  const server = createServer((request, response) => handle(options, request, response))
  server.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/graphql') return operations.handleUpgrade(request, socket, head, (peer) => operations.emit('connection', peer, request))
    const scene = options.scenes.get(/^\/scenes\/([^/]+)\/stream$/.exec(pathname)?.[1] ?? '')
    if (!scene || options.sockets === false) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (peer) => {
      peer.send(JSON.stringify(scene.first(searchParams.get('from'))))
      const stop = scene.listen((frame) => peer.send(JSON.stringify(frame)))
      peer.on('close', stop)
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const close = () => new Promise<void>((resolve) => {
    for (const peer of [...sockets.clients, ...operations.clients]) peer.terminate()
    server.closeAllConnections()
    server.close(() => resolve())
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, close }
}

function handle(options: MockOptions, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://x')
  const [, area, name = '', lane] = pathname.split('/')
  if (area === 'graphql') return void answer(request, response)
  if (area === 'scenes' && lane === 'events') {
    const scene = options.scenes.get(name)
    if (scene) return scene.events(request, response)
    return json(response, 404, { code: 'NOT_FOUND', message: `there is no scene ${name}` })
  }
  if (area !== 'blobs') return options.rest(request, response)
  const blob = options.blobs.get(name)
  if (blob?.table) return json(response, 200, blob.table)
  if (process.env.MOCK_SLOW && !blob?.table) return // a document that never comes: its boxes stay
  if (blob?.bytes) return void response.writeHead(200, { 'content-type': 'model/gltf-binary' }).end(blob.bytes)
  if (!blob?.glb || !existsSync(blob.glb)) return json(response, 404, { code: 'NOT_FOUND', message: 'no such blob' })
  response.writeHead(200, { 'content-type': 'model/gltf-binary' })
  createReadStream(blob.glb).pipe(response)
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
