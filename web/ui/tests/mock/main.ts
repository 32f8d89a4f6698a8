import { createServer } from 'vite'
import { plant } from './plant'
import { serve } from './server'

/** The harness by hand: the sources through vite, the plant behind them. The first line is the address. */
export async function main(): Promise<void> {
  const vite = await createServer({ server: { middlewareMode: true, hmr: false, ws: false }, appType: 'spa', logLevel: 'warn' })
  const { scenes, blobs } = plant()
  const { url } = await serve({ scenes, blobs, port: Number(process.env.PORT ?? 0), rest: (request, response) => vite.middlewares(request, response) })
  console.log(url)
}
