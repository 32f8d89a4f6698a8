import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch, open } from './browser'
import { built, type Service, start } from './service'

const mostStops = 60

describe.skipIf(!built())('without a mouse', () => {
  let browser: Browser
  let service: Service
  let page: Page
  const data = mkdtempSync(join(tmpdir(), 'mereon-keys-'))

  beforeAll(async () => {
    service = await start(['demo', '--listen', '127.0.0.1:0', '--data', data])
    browser = await launch()
    ;({ page } = await open(browser, `${service.url}/explore`, { width: 1280, height: 800, reduced: true }))
    await page.locator('.entities tbody tr').first().waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await service?.kill()
    rmSync(data, { recursive: true, force: true })
  })

  /** Tabs until the focused element matches. */
  const tabTo = async (selector: string, key = 'Tab') => {
    for (let i = 0; i < mostStops; i++) {
      await page.keyboard.press(key)
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
    }
    throw new Error(`${selector} is not reached with ${key}`)
  }

  test('the first stop leads past the rail', async () => {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('page')
  })

  test('every page is reached by the rail, and focus is seen', async () => {
    for (const [word, path] of [['Alarms', '/alarms'], ['Scenes', '/scenes'], ['Explore', '/explore']] as const) {
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
      await tabTo(`.rail [href="${path}"]`)
      expect(await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle), word).toBe('solid')
      await page.keyboard.press('Enter')
      await page.waitForFunction((wanted) => location.pathname === wanted, path)
    }
  })

  test('search opens with Ctrl K, finds an entity and goes there; Back comes back', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('feed pump 7')
    await page.locator('.command [role="option"]', { hasText: 'Feed pump 7' }).first().waitFor()
    const index = await page.locator('.command [role="option"] > span:first-child').allInnerTexts().then((texts) => texts.indexOf('Feed pump 7'))
    for (let i = 0; i < index; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.pathname === '/entities/pump-7')
    await page.locator('h1', { hasText: 'Feed pump 7' }).waitFor()
    await page.goBack()
    await page.waitForFunction(() => location.pathname === '/explore')
  })

  test('Escape closes the search and gives focus back', async () => {
    await page.locator('.find').focus()
    await page.keyboard.press('Enter')
    await page.locator('.command').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.command').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('find')
  })

  test('a tree is one stop; arrows walk it, and the selection is in the address', async () => {
    await page.goto(`${service.url}/scenes/hall-1`)
    await page.locator('[role="treeitem"]').first().waitFor()
    await tabTo('[role="treeitem"]')
    await page.keyboard.press('ArrowDown')
    await page.waitForFunction(() => new URLSearchParams(location.search).get('select') !== null)
    const first = await page.evaluate(() => new URLSearchParams(location.search).get('select'))
    await page.keyboard.press('ArrowDown')
    await page.waitForFunction((before) => new URLSearchParams(location.search).get('select') !== before, first)
    await page.locator('.panel h2').waitFor()
    expect(await page.locator('[role="treeitem"][aria-selected="true"]').count()).toBe(1)
  })

  test('the picture takes focus and its keys move the camera', async () => {
    await page.waitForFunction(() => document.querySelector('mereon-scene')?.pose)
    await tabTo('mereon-scene')
    const before = await page.evaluate(() => document.querySelector('mereon-scene')?.pose?.position)
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate(() => document.querySelector('mereon-scene')?.pose?.position)).not.toEqual(before)
  })
})
