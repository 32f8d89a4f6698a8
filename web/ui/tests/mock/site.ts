import { existsSync, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, resolve } from 'node:path'

const dist = resolve(import.meta.dirname, '../../dist')
const kinds: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.ttf': 'font/ttf', '.wasm': 'application/wasm' }

/** The policy of the Go handler, read from its source, so that the harness is as strict. */
const policy = [...readFileSync(resolve(import.meta.dirname, '../../policy.go'), 'utf8').matchAll(/^\t"([a-z-]+ [^"]*)",$/gm)].map((match) => match[1]).join('; ')

/** Serves the built application as the binary does. */
export function site(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://x')
  const wanted = join(dist, pathname)
  const file = existsSync(wanted) && statSync(wanted).isFile() ? wanted : pathname.startsWith('/assets/') ? '' : join(dist, 'index.html')
  if (!file) return void response.writeHead(404).end()
  const relaxed = pathname === '/query' ? policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace("font-src 'self'", "font-src 'self' data:") : policy
  response.writeHead(200, { 'content-type': kinds[extname(file)] ?? 'application/octet-stream', 'content-security-policy': relaxed })
  response.end(readFileSync(file))
}
