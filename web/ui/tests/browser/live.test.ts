import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { distance, drawn, launch, open, place, ready, saturation, seen, type Watched } from './browser'
import { BoxProject } from './project'
import { built, type Service, start } from './service'

describe.skipIf(!built())('a scene of the real service', () => {
  let browser: Browser
  let service: Service
  let watched: Watched
  const project = new BoxProject()

  const serve = (port = '0') => start(['serve', project.folder, '--listen', `127.0.0.1:${port}`])
  const state = (entity: string) => watched.page.evaluate((id) => {
    const condition = document.querySelector('mereon-scene')?.conditions.get(id)
    return condition ? { state: condition.state, stale: condition.stale } : null
  }, entity)
  const becomes = (entity: string, wanted: { state: string; stale: boolean }) => watched.page.waitForFunction(({ entity, wanted }) => {
    const condition = document.querySelector('mereon-scene')?.conditions.get(entity)
    return condition?.state === wanted.state && condition.stale === wanted.stale
  }, { entity, wanted }, { timeout: 40_000, polling: 100 })

  beforeAll(async () => {
    project.feed()
    service = await serve()
    browser = await launch()
    watched = await open(browser, `${service.url}/scenes/boxes`, { width: 1000, height: 520, reduced: true })
    await ready(watched.page)
    await becomes('box-1', { state: 'ok', stale: false })
  })
  afterAll(async () => {
    await browser?.close()
    await service?.kill()
    project.remove()
  })

  test('a value pushed by the source colours its node, and its neighbour stays', async () => {
    const { page } = watched
    const [at, beside] = [await place(page, 'box-1'), await place(page, 'box-2')]
    await drawn(page)
    const before = [await seen(page, at.x, at.y), await seen(page, beside.x, beside.y)] as const
    project.set(1, 96)
    await becomes('box-1', { state: 'alarm', stale: false })
    await drawn(page)
    const after = [await seen(page, at.x, at.y), await seen(page, beside.x, beside.y)] as const
    expect(distance(before[0], after[0])).toBeGreaterThan(60)
    expect(distance(before[1], after[1])).toBeLessThan(8)
    expect(watched.errors).toEqual([])
  })

  test('when the source stops, it turns stale, and looks it', async () => {
    const { page } = watched
    const at = await place(page, 'box-1')
    const fresh = await seen(page, at.x, at.y)
    project.stop()
    await page.waitForFunction(() => document.querySelector('mereon-scene')?.conditions.get('box-1')?.stale, undefined, { timeout: 40_000, polling: 100 })
    await drawn(page)
    expect(saturation(await seen(page, at.x, at.y))).toBeLessThan(saturation(fresh) * 0.75)
    expect(await page.evaluate(() => document.querySelector('mereon-scene')?.labels.every((label) => label.stale))).toBe(true)
    project.feed()
    await becomes('box-1', { state: 'alarm', stale: false })
  })

  test('when the service is killed it is said; when it is back the picture goes on', async () => {
    const { page } = watched
    const { port } = new URL(service.url)
    const beside = await open(browser, `${service.url}/entities/box-0`)
    await beside.page.locator('.properties .value:not(.is-stale)').waitFor({ timeout: 40_000 })
    await service.kill()
    await beside.page.locator('.properties .value.is-stale').waitFor({ timeout: 40_000 })
    await beside.page.close()
    await page.waitForFunction(() => document.querySelector('mereon-scene')?.connection.kind === 'lost', undefined, { timeout: 40_000 })
    expect(await page.locator('mereon-scene .notice').innerText()).toContain('Connection lost')
    expect(await state('box-0')).toMatchObject({ stale: true })
    project.set(0, 97)
    project.set(1, 20)
    service = await serve(port)
    await becomes('box-0', { state: 'alarm', stale: false })
    await becomes('box-1', { state: 'ok', stale: false })
    expect(await page.locator('.line').innerText()).toBe('live')
    expect(await page.evaluate(() => document.querySelector('mereon-scene')?.statistics?.loading)).toBe(false)
  })
})
