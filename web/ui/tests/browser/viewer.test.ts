import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boxScene } from '../mock/boxes'
import { serve } from '../mock/server'
import type { MockScene } from '../mock/stream'
import { distance, drawn, launch, open, place, ready, saturation, seen, type Watched } from './browser'

const page = `<!doctype html><html lang="en"><title>Boxes</title><style>html,body{margin:0;height:100%}mereon-scene{height:100%}</style>
<mereon-scene src="/scenes/boxes" view="front"></mereon-scene><script type="module" src="/mereon-scene.js"></script></html>`

describe('the scene element, against a harness that sends the frames of the contract', () => {
  let browser: Browser
  let scene: MockScene
  let server: Awaited<ReturnType<typeof serve>>
  let port = 0
  let blobs: ReturnType<typeof boxScene>['blobs']
  let watched: Watched

  const start = async () => {
    const { site } = await import('../mock/site')
    server = await serve({ scenes: new Map([['boxes', scene]]), blobs, port, rest: (request, response) => {
      if (new URL(request.url ?? '/', 'http://x').pathname !== '/boxes.html') return site(request, response)
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
    } })
    port = Number(new URL(server.url).port)
  }

  beforeAll(async () => {
    ;({ scene, blobs } = boxScene())
    await start()
    browser = await launch()
    watched = await open(browser, `${server.url}/boxes.html`, { width: 720, height: 420 })
    await ready(watched.page)
  })
  afterAll(async () => {
    scene.close()
    await browser.close()
    await server.close()
  })

  test('a pushed state colours its node and no other, though all share a material', async () => {
    const { page } = watched
    const [at, beside] = [await place(page, 'box-1'), await place(page, 'box-2')]
    const before = [await seen(page, at.x, at.y), await seen(page, beside.x, beside.y)] as const
    scene.push({ 1: 'alarm' })
    await drawn(page)
    const after = [await seen(page, at.x, at.y), await seen(page, beside.x, beside.y)] as const
    expect(distance(before[0], after[0])).toBeGreaterThan(60)
    expect(after[0].r).toBeGreaterThan(after[0].b + 60)
    expect(distance(before[1], after[1])).toBeLessThan(6)
    scene.push({ 1: 'ok' })
    await drawn(page)
    expect(distance(before[0], await seen(page, at.x, at.y))).toBeLessThan(6)
  })

  test('a value that is not fresh loses its colour, and its tag says so', async () => {
    const { page } = watched
    scene.push({ 2: 'warning', 7: '3.10 bar' })
    await drawn(page)
    const at = await place(page, 'box-2')
    const fresh = await seen(page, at.x, at.y)
    scene.push({}, { 2: 'STALE', 7: 'STALE' })
    await drawn(page)
    expect(saturation(await seen(page, at.x, at.y))).toBeLessThan(saturation(fresh) * 0.75)
    const label = await page.evaluate(() => document.querySelector('mereon-scene')?.labels.find((one) => one.text === '3.10 bar'))
    expect(label?.stale).toBe(true)
    scene.push({ 2: 'ok' }, { 2: 'OK', 7: 'OK' })
  })

  test('a null is unknown, never the last value', async () => {
    const { page } = watched
    scene.push({ 3: null, 8: null })
    await drawn(page)
    const state = await page.evaluate(() => ({ condition: document.querySelector('mereon-scene')?.conditions.get('box-3')?.look.icon, label: document.querySelector('mereon-scene')?.labels.map((one) => one.text) }))
    expect(state.condition).toBe('unknown')
    expect(state.label).toContain('–')
    scene.push({ 3: 'ok', 8: '3.00 bar' })
  })

  test('a quiet scene is not drawn; a steady motion is', async () => {
    const { page } = watched
    await drawn(page)
    const frames = () => page.evaluate(() => document.querySelector('mereon-scene')?.statistics?.frames ?? 0)
    let quiet = -1
    for (let tries = 0; tries < 15 && quiet !== (await frames()); tries++) { // a slow machine may still draw what came before
      quiet = await frames()
      await page.waitForTimeout(1500)
    }
    expect(await frames()).toBe(quiet)
    scene.push({ 10: 45 })
    await page.waitForTimeout(1500)
    expect(await frames()).toBeGreaterThan(quiet + 2)
    scene.push({ 10: 0 })
  })

  test('a click selects the entity under the pointer, Escape lets it go', async () => {
    const { page } = watched
    const at = await place(page, 'box-0')
    await page.evaluate(() => document.addEventListener('mereon-select', (event) => { document.title = String((event as CustomEvent).detail.entity) }))
    await page.mouse.click(at.x, at.y)
    expect(await page.title()).toBe('box-0')
    await page.keyboard.press('Escape')
    expect(await page.title()).toBe('null')
  })

  test('a lost connection is said and nothing looks fresh; the same server is resumed where it was', async () => {
    const { page } = watched
    scene.push({ 1: 'alarm' })
    await drawn(page)
    const at = await place(page, 'box-1')
    const fresh = await seen(page, at.x, at.y)
    await server.close()
    await page.waitForFunction(() => document.querySelector('mereon-scene')?.connection.kind === 'lost')
    await drawn(page)
    await page.waitForTimeout(600) // the picture fades
    expect(saturation(await seen(page, at.x, at.y))).toBeLessThan(saturation(fresh) * 0.6)
    expect(await page.locator('mereon-scene .notice').innerText()).toContain('Connection lost')
    const resumed = scene.joins.resumed
    scene.push({ 1: 'ok' })
    await start()
    await page.waitForFunction(() => document.querySelector('mereon-scene')?.connection.kind === 'live', undefined, { timeout: 30_000 })
    await drawn(page)
    expect(scene.joins.resumed).toBe(resumed + 1)
    expect(await page.evaluate(() => document.querySelector('mereon-scene')?.conditions.get('box-1')?.state)).toBe('ok')
    watched.errors.length = 0 // refused connections while the server was down
  })

  test('a restarted server, with a new epoch, sends everything anew', async () => {
    const { page } = watched
    const first = scene.joins.first
    await server.close()
    scene.restart()
    scene.push({ 0: 'warning' })
    await start()
    await page.waitForFunction(() => document.querySelector('mereon-scene')?.conditions.get('box-0')?.state === 'warning', undefined, { timeout: 30_000 })
    expect(scene.joins.first).toBeGreaterThan(first)
    watched.errors.length = 0
  })

  test('removal gives everything back', async () => {
    const { page } = watched
    const left = await page.evaluate(async () => {
      const scene = document.querySelector('mereon-scene') as unknown as HTMLElement & { picture: { stage: { renderer: { info: { memory: { geometries: number; textures: number } }; getContext(): WebGL2RenderingContext } } } }
      const { renderer } = scene.picture.stage
      const context = renderer.getContext()
      scene.remove()
      await new Promise((resolve) => setTimeout(resolve, 300))
      return { ...renderer.info.memory, lost: context.isContextLost() }
    })
    expect(left).toMatchObject({ geometries: 0, textures: 0, lost: true })
    expect(watched.errors).toEqual([])
  })
})
