import { type Browser, chromium, type Page } from 'playwright-core'

const flags = [
  '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
]

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: flags, timeout: 60_000 })
}

export interface Watched { page: Page; errors: string[] }

/** A page that remembers every error of the console and of scripts. Connection failures are expected while a server is down. */
export async function open(browser: Browser, url: string, options: { width?: number; height?: number; scheme?: 'light' | 'dark'; reduced?: boolean } = {}): Promise<Watched> {
  const page = await browser.newPage({
    viewport: { width: options.width ?? 960, height: options.height ?? 600 }, colorScheme: options.scheme ?? 'light', reducedMotion: options.reduced ? 'reduce' : 'no-preference',
  })
  const errors: string[] = []
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()) })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.addInitScript(() => {
    const shifts = { sum: 0, moved: [] as string[] }
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Element | null; previousRect: DOMRect; currentRect: DOMRect }[] })[]) {
        if (entry.hadRecentInput) continue
        shifts.sum += entry.value
        const rect = (r: DOMRect) => [r.x, r.y, r.width, r.height].map(Math.round).join(' ')
        for (const { node, previousRect, currentRect } of entry.sources) shifts.moved.push(`${node?.nodeName} ${node?.className ?? ''}: ${rect(previousRect)} to ${rect(currentRect)}`)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(url)
  return { page, errors }
}

/** The sum of layout shifts since the page was opened, and what moved. */
export function shifts(page: Page): Promise<{ sum: number; moved: string[] }> { return page.evaluate(() => (window as unknown as { shifts: { sum: number; moved: string[] } }).shifts) }

export interface Rgb { r: number; g: number; b: number }

/** The mean colour of a small square of the page, from a screenshot: what somebody sees. */
export async function seen(page: Page, x: number, y: number, side = 5): Promise<Rgb> {
  const shot = await page.screenshot({ clip: { x: Math.round(x - side / 2), y: Math.round(y - side / 2), width: side, height: side } })
  return page.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    const pen = canvas.getContext('2d')
    if (!pen) throw new Error('no 2D context')
    pen.drawImage(image, 0, 0)
    const { data: bytes } = pen.getImageData(0, 0, image.width, image.height)
    const sum = { r: 0, g: 0, b: 0 }
    for (let i = 0; i < bytes.length; i += 4) {
      sum.r += bytes[i] ?? 0
      sum.g += bytes[i + 1] ?? 0
      sum.b += bytes[i + 2] ?? 0
    }
    const n = bytes.length / 4
    return { r: sum.r / n, g: sum.g / n, b: sum.b / n }
  }, shot.toString('base64'))
}

export function distance(a: Rgb, b: Rgb): number { return Math.hypot(a.r - b.r, a.g - b.g, a.b - b.b) }

/** How colourful, 0 to 1. */
export function saturation({ r, g, b }: Rgb): number {
  const high = Math.max(r, g, b)
  return high === 0 ? 0 : (high - Math.min(r, g, b)) / high
}

/** Where an entity is on the page, in CSS px. */
export async function place(page: Page, entity: string): Promise<{ x: number; y: number }> {
  const at = await page.evaluate((id) => {
    const scene = document.querySelector('mereon-scene')
    const box = scene?.getBoundingClientRect()
    const on = scene?.project(id)
    return box && on ? { x: box.left + on.x, y: box.top + on.y } : null
  }, entity)
  if (!at) throw new Error(`${entity} is not in the picture`)
  return at
}

/** Waits until the scene has its first message and its documents. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('mereon-scene')?.scene && document.querySelector('mereon-scene')?.statistics?.loading === false, undefined, { timeout: 60_000 })
  await drawn(page)
}

/** Waits until what was asked for by now is on the screen. */
export async function drawn(page: Page): Promise<void> {
  const frames = () => page.evaluate(() => document.querySelector('mereon-scene')?.statistics?.frames ?? 0)
  const start = await frames()
  for (let i = 0; i < 100 && (await frames()) < start + 1; i++) await page.waitForTimeout(100)
  await page.waitForTimeout(400)
}
