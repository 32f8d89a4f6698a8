// Takes screenshots to look at: node scripts/look.mjs URL PATH NAME [light|dark] [WIDTHxHEIGHT] [wait ms]
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'

const [base, path, name, scheme = 'light', size = '1440x900', wait = '4000'] = process.argv.slice(2)
const [width, height] = size.split('x').map(Number)
export const flags = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: flags })
const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
page.on('console', (m) => { if (m.type() !== 'debug') console.log(`[${m.type()}] ${m.text()}`) })
page.on('pageerror', (e) => console.log('[pageerror]', e.stack))
page.on('requestfailed', (r) => console.log('[failed]', r.url(), r.failure()?.errorText))
await page.goto(base + path)
await page.waitForTimeout(Number(wait))
mkdirSync('shots', { recursive: true })
await page.screenshot({ path: `shots/${name}.png` })
console.log(JSON.stringify(await page.evaluate(() => document.querySelector('mereon-scene')?.statistics ?? null)))
await browser.close()
