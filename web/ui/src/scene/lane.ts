import type { Frame } from './frames'
import { EventReader } from './sse'

export type LaneState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'lost'; since: number; retryAt: number }
  | { kind: 'refused'; message: string }

export interface LaneHooks {
  /** Where to go on, "" for the first message. */
  cursor(): string
  frame(frame: Frame): void
  state(state: LaneState): void
}

const firstRetry = 400 // ms
const longestRetry = 10_000 // ms
const silence = 12_000 // ms; the server gives a sign of life every 5 s

/**
 * Keeps one stream of frames open: WebSocket first, server-sent events where a WebSocket cannot be opened.
 * It connects again by itself with growing pauses, and stops only when closed or when the scene is refused.
 */
export class Lane {
  private closed = false
  private attempt = 0
  private lostSince = 0
  private socketWorked = false
  private socketFailures = 0
  private stop: () => void = () => {}
  private retry: ReturnType<typeof setTimeout> | undefined
  private watchdog: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly address: string, private readonly parameters: Record<string, string>, private readonly hooks: LaneHooks) {}

  open(): void {
    if (this.closed) return
    if (this.attempt === 0) this.hooks.state({ kind: 'connecting' })
    if (this.socketFailures >= 2 && !this.socketWorked) void this.events()
    else this.socket()
  }

  /** Drops the connection and opens a new one at once, from the current cursor. */
  again(): void {
    this.stop()
    clearTimeout(this.retry)
    this.open()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.retry)
    clearTimeout(this.watchdog)
    this.stop()
  }

  private url(lane: 'stream' | 'events'): URL {
    const url = new URL(`${this.address.replace(/\/$/, '')}/${lane}`, document.baseURI)
    for (const [name, value] of Object.entries(this.parameters)) url.searchParams.set(name, value)
    const from = this.hooks.cursor()
    if (from) url.searchParams.set('from', from)
    if (lane === 'stream') url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    return url
  }

  private socket(): void {
    const socket = new WebSocket(this.url('stream'))
    let over = false
    const end = () => {
      if (over) return
      over = true
      this.lost()
    }
    socket.onopen = () => { this.socketWorked = true }
    socket.onmessage = (event) => { if (!over) this.received(String(event.data)) }
    socket.onerror = () => { if (!this.socketWorked) this.socketFailures++ }
    socket.onclose = () => { if (this.socketWorked || this.socketFailures < 2) end(); else { over = true; void this.events() } }
    this.stop = () => {
      over = true
      socket.onclose = socket.onerror = null
      socket.close()
    }
  }

  private async events(): Promise<void> {
    const abort = new AbortController()
    this.stop = () => abort.abort()
    try {
      const answer = await fetch(this.url('events'), { headers: { accept: 'text/event-stream' }, signal: abort.signal })
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return this.refused(await reason(answer))
      if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`)
      const reader = new EventReader()
      for await (const text of texts(answer.body)) reader.push(text).forEach((message) => this.received(message))
    } catch {
      // the same way as an ended stream
    }
    if (!abort.signal.aborted) this.lost()
  }

  private received(message: string): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => { this.stop(); this.lost() }, silence)
    let frame: Frame
    try {
      frame = JSON.parse(message) as Frame
    } catch {
      return
    }
    this.attempt = 0
    this.lostSince = 0
    this.hooks.frame(frame)
    this.hooks.state({ kind: 'live' })
  }

  private lost(): void {
    clearTimeout(this.watchdog)
    if (this.closed) return
    this.lostSince ||= Date.now()
    const pause = Math.min(longestRetry, firstRetry * 2 ** this.attempt++) * (0.75 + Math.random() / 2)
    this.hooks.state({ kind: 'lost', since: this.lostSince, retryAt: Date.now() + pause })
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.open(), pause)
  }

  private refused(message: string): void {
    this.hooks.state({ kind: 'refused', message })
  }
}

async function* texts(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

async function reason(answer: Response): Promise<string> {
  const text = await answer.text()
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    return text || `the server answered ${answer.status}`
  }
}
