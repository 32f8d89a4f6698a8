import { plant } from './plant'
import { serve } from './server'
import { site } from './site'

/** The harness by hand, over the last build. The first line is the address. */
export async function main(): Promise<void> {
  const { scenes, blobs } = plant()
  const { url } = await serve({ scenes, blobs, port: Number(process.env.PORT ?? 0), rest: site })
  console.log(url)
}
