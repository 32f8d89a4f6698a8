// Takes screenshots to look at, into shots/: node scripts/look.mjs URL 'PATH NAME [light|dark] [WIDTHxHEIGHT] [wait ms] [script]' ...
import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'

const [base, ...specs] = process.argv.slice(2)
const args = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args })
mkdirSync('shots', { recursive: true })
for (const spec of specs) {
  const [path, name, scheme = 'light', size = '1440x900', wait = '2500', ...script] = spec.split(' ')
  const [width, height] = size.split('x').map(Number)
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme })
  page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') console.log(`[${name}] [${m.type()}] ${m.text().slice(0, 240)}`) })
  page.on('pageerror', (e) => console.log(`[${name}] [pageerror]`, e.message))
  await page.goto(base + path)
  await page.waitForTimeout(Number(wait))
  if (script.length) { await page.evaluate(script.join(' ')); await page.waitForTimeout(2500) }
  await page.screenshot({ path: `shots/${name}.png` })
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  console.log(name, wider > 0 ? `too wide by ${wider}` : 'ok', JSON.stringify(await page.evaluate(() => document.querySelector('mereon-scene')?.statistics ?? null)))
  await page.close()
}
await browser.close()
