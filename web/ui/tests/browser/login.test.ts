import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch, open } from './browser'
import { BoxProject } from './project'
import { built, type Service, start } from './service'

const secret = 'a-token-of-the-wall'

describe.skipIf(!built())('a service that wants a token', () => {
  let browser: Browser
  let service: Service
  const project = new BoxProject()

  beforeAll(async () => {
    writeFileSync(join(project.folder, 'token'), secret)
    project.configure('access:\n  tokens: [{name: wall, secret: "file:token", role: viewer}]\n')
    service = await start(['serve', project.folder, '--listen', '127.0.0.1:0'])
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await service?.kill()
    project.remove()
  })

  test('its form says that a token is wrong, and leads on with a right one', async () => {
    const { page } = await open(browser, `${service.url}/explore?columns=load`)
    await page.getByLabel('Token of this service').fill('guessed')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('This token is not known here.').waitFor()
    await page.getByLabel('Token of this service').fill(secret)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Explore' }).waitFor()
    expect(page.url()).toBe(`${service.url}/explore?columns=load`)
    await page.close()
  })
})
