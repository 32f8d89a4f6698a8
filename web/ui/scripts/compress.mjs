// Writes a gzip twin beside every built file that gets smaller by it; the Go handler serves the twin as it is.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = join(import.meta.dirname, '..', 'dist')
const compressible = /\.(js|css|html|svg|json|wasm|txt)$/
const smallest = 512 // bytes

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !compressible.test(entry.name) || statSync(file).size < smallest) continue
  const packed = gzipSync(readFileSync(file), { level: 9 })
  if (packed.length < statSync(file).size * 0.95) writeFileSync(`${file}.gz`, packed)
  else rmSync(`${file}.gz`, { force: true })
}
