import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../../../..')

/** The binary under test: MEREON_BIN, else bin/mereon of the repository. */
export const binary = process.env.MEREON_BIN ?? resolve(root, 'bin/mereon')

/** True when there is a binary. With CI=true its absence is an error, not a reason to skip. */
export function built(): boolean {
  if (existsSync(binary)) return true
  if (process.env.CI === 'true') throw new Error(`${binary} is missing; build it with: make build`)
  return false
}

export interface Service { url: string; kill(): Promise<void> }

/** Starts the binary and waits for the first line of its output, which is the base address. */
export async function start(args: string[]): Promise<Service> {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.on('data', (piece: Buffer) => { log = (log + piece.toString()).slice(-4000) })
  const url = await new Promise<string>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no address within 60 s; the log says:\n${log}`)), 60_000)
    child.stdout.once('data', (piece: Buffer) => { clearTimeout(timer); done(piece.toString().split('\n')[0] ?? '') })
    child.once('exit', (code) => { clearTimeout(timer); fail(new Error(`it ended with ${code}; the log says:\n${log}`)) })
  })
  return { url, kill: () => ended(child) }
}

/** Ends a process at once, as a power cut would, and waits until it is gone. */
function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    child.once('exit', () => done())
    child.kill('SIGKILL')
  })
}
