import { readFileSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch, open, shifts } from './browser'
import { built, type Service, start } from './service'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const usable = 2000 // ms from a cold start on loopback, on a machine that is not busy
const mostShift = 0.05

interface Place { name: string; path: string; ready: string }

const places: Place[] = [
  { name: 'scenes', path: '/scenes', ready: '.card-link' },
  { name: 'scene', path: '/scenes/hall-1?select=pump-7', ready: '.properties' },
  { name: 'explore', path: '/explore', ready: '.entities tbody tr' },
  { name: 'entity', path: '/entities/pump-7', ready: '.properties' },
  { name: 'alarms', path: '/alarms', ready: '.grid.alarms, .notice' },
  { name: 'query', path: '/query', ready: '.graphiql-container .monaco-editor' },
]

describe.skipIf(!built())('every page of the demo', () => {
  let browser: Browser
  let service: Service
  const data = mkdtempSync(join(tmpdir(), 'mereon-pages-'))

  beforeAll(async () => {
    service = await start(['demo', '--listen', '127.0.0.1:0', '--data', data])
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await service?.kill()
    rmSync(data, { recursive: true, force: true })
  })

  for (const { name, path, ready } of places) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`${name} in ${scheme}: no serious finding, no error, nothing jumps`, async () => {
        const { page, errors } = await open(browser, service.url + path, { width: 1280, height: 800, scheme, reduced: true })
        await page.locator(ready).first().waitFor({ timeout: 60_000 })
        await page.waitForTimeout(800)
        expect(await findings(page)).toEqual([])
        const { sum, moved } = await shifts(page)
        expect(sum, moved.join('\n')).toBeLessThan(mostShift)
        expect(errors).toEqual([])
        await page.close()
      })
    }
  }

  for (const { name, path, ready } of places) {
    test(`${name} fits a phone`, async () => {
      const { page, errors } = await open(browser, service.url + path, { width: 390, height: 844, reduced: true })
      await page.locator(ready).first().waitFor({ timeout: 60_000 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      expect(await findings(page)).toEqual([])
      expect(errors).toEqual([])
      await page.close()
    })
  }

  test('nothing is cut off that a wide window has room for', async () => {
    const { page } = await open(browser, `${service.url}/entities/pump-7`, { width: 1440, height: 900, reduced: true })
    await page.locator('.block .grid').first().waitFor({ timeout: 60_000 })
    expect(await cutOff(page)).toEqual([])
    await page.goto(`${service.url}/explore`)
    await page.locator('.entities tbody tr').first().waitFor()
    expect(await cutOff(page)).toEqual([])
    for (const column of await page.locator('.entities thead th.number').count().then((n) => Array.from({ length: n }, (_, i) => i + 4))) {
      await page.locator(`.entities td:nth-child(${column}) .quantity`).first().waitFor()
    }
    await page.close()
  })

  test('a phone shows the states of Explore and all views of a scene', async () => {
    const { page } = await open(browser, `${service.url}/explore`, { width: 390, height: 844, reduced: true })
    await page.locator('.entities .state').first().waitFor({ timeout: 60_000 })
    expect(await page.evaluate(() => Math.max(...[...document.querySelectorAll('.entities .state')].map((one) => one.getBoundingClientRect().right)))).toBeLessThanOrEqual(390)
    await page.goto(`${service.url}/scenes/hall-1`)
    await page.locator('.views .button').first().waitFor()
    expect(await page.evaluate(() => { const views = document.querySelector('.views'); return views ? views.scrollWidth - views.clientWidth : -1 })).toBe(0)
    await page.close()
  })

  test('a query that was typed is there when one comes back to it', async () => {
    const { page } = await open(browser, `${service.url}/query?example=oee`, { width: 1280, height: 800, reduced: true })
    const lines = page.locator('.graphiql-container .view-lines').first()
    await page.waitForFunction(() => document.querySelector('.graphiql-container .view-lines')?.textContent?.includes('Oee'), undefined, { timeout: 60_000 })
    await lines.click()
    await page.keyboard.press('Control+Home')
    await page.keyboard.type('# mine')
    await page.locator('.rail [href="/explore"]').click()
    await page.locator('.entities tbody tr').first().waitFor()
    await page.goBack()
    await page.waitForFunction(() => document.querySelector('.graphiql-container .view-lines')?.textContent?.replace(/\u00a0/g, ' ').includes('# mine'), undefined, { timeout: 60_000 })
    await page.locator('.list button', { hasText: 'OEE' }).click()
    await page.waitForFunction(() => { const text = document.querySelector('.graphiql-container .view-lines')?.textContent ?? ''; return text.includes('Oee') && !text.includes('mine') }, undefined, { timeout: 60_000 })
    await page.close()
  })

  test('a page is usable soon after a cold start', async () => {
    for (const { path, ready } of places.filter(({ name }) => ['explore', 'entity', 'alarms'].includes(name))) {
      const context = await browser.newContext({ reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(service.url + path)
      await page.locator(ready).first().waitFor()
      const took = await page.evaluate(() => performance.now())
      await context.close()
      if (process.env.MEREON_TIMED === '1') expect(took, path).toBeLessThan(usable)
      else console.log(`${path} was usable after ${Math.round(took)} ms`)
    }
  })
})

/** What is wider than its place: tables, and the words that tell what a field is for. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = [...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute('aria-label') ?? one.className)
    const pen = document.createElement('canvas').getContext('2d')
    const fields = [...document.querySelectorAll<HTMLInputElement>('input[placeholder]')].filter((one) => {
      const style = getComputedStyle(one)
      if (pen) pen.font = style.font
      return (pen?.measureText(one.placeholder).width ?? 0) > one.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight) - 20 // the button that empties it
    })
    return [...wide, ...fields.map((one) => one.placeholder)]
  })
}

/** What axe says is serious or worse, one line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    type Run = { violations: { id: string; impact: string; nodes: { target: unknown[]; failureSummary: string }[] }[] }
    const run = (window as unknown as { axe: { run(context: unknown, options: unknown): Promise<Run> } }).axe.run
    // the editor of the query page is another project's; the page around it is ours
    const result = await run({ exclude: [['.graphiql-container']] }, { resultTypes: ['violations'] })
    return result.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${String(node.target)} ${node.failureSummary.split('\n')[1] ?? ''}`))
  })
  return found
}
