import { type Condition } from './effects'
import type { NamedView, SceneInfo } from './frames'
import { Lane, type LaneState } from './lane'
import { Picture } from './picture'
import { SlotStore } from './slots'
import { styles } from './styles'
import { readTheme } from './theme'

const turn = 0.12 // radians a key press
const conditionPause = 200 // ms between two announcements of states

/** What `mereon-select` and `mereon-hover` carry; `entity` is null for nothing. */
export interface PickDetail { entity: string | null; document?: string; node?: number }

/**
 * `<mereon-scene src="/scenes/hall-1" view="overview" selected="pump-7" parameters='{"pump":"pump-7"}' theme="dark">`
 *
 * Shows a scene, live. Its only inputs are these attributes and the scene's stream. It tells with events that bubble:
 * `mereon-select` and `mereon-hover` (PickDetail), `mereon-scene` (SceneInfo, at the first message and at a new table),
 * `mereon-connection` (LaneState), `mereon-conditions` (Map of entity to Condition), `mereon-ready` (documents shown).
 */
export class MereonScene extends HTMLElement {
  static readonly observedAttributes = ['src', 'view', 'selected', 'hovered', 'parameters', 'theme']
  private canvas = document.createElement('canvas')
  private readonly notice = document.createElement('div')
  private readonly problems = document.createElement('details')
  private store = new SlotStore()
  private picture: Picture | null = null
  private lane: Lane | null = null
  private state: LaneState = { kind: 'connecting' }
  private listeners = new AbortController()
  private sized: ResizeObserver | null = null
  private seen: IntersectionObserver | null = null
  private announced = 0
  private clock: ReturnType<typeof setInterval> | undefined
  private down: { x: number; y: number } | null = null
  private over: string | null = null

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [styles()]
    Object.assign(this.canvas, { tabIndex: 0 })
    this.canvas.setAttribute('role', 'img')
    this.notice.className = 'notice'
    this.notice.setAttribute('role', 'status')
    this.problems.className = 'problems'
    this.problems.hidden = true
    root.append(this.canvas, this.notice, this.problems)
  }

  /** The scene as the server describes it; null before the first message. */
  get scene(): SceneInfo | null { return this.store.scene }
  get connection(): LaneState { return this.state }
  /** The camera as a view that can be given to `flyTo`. */
  get pose(): NamedView | null { return this.picture?.view.pose ?? null }
  get conditions(): Map<string, Condition> { return this.picture?.conditions() ?? new Map() }
  /** Numbers about the drawing, for tests and for finding out why something is slow. */
  get statistics() {
    const stage = this.picture?.stage
    if (!stage) return null
    const { render, memory, programs } = stage.renderer.info
    return { frames: stage.loop.frames, cost: stage.loop.cost, calls: render.calls, triangles: render.triangles, ...memory, programs: programs?.length ?? 0, loading: this.picture?.loading ?? true }
  }
  /** The tags as they stand on the canvas. */
  get labels() { return this.picture?.tags.standing ?? [] }

  project(entity: string): { x: number; y: number } | undefined { return this.picture?.project(entity) }
  focusEntity(entity: string): boolean { return this.picture?.goTo(entity) ?? false }
  fit(): void { this.picture?.show('') }
  flyTo(view: string | NamedView): void {
    if (typeof view === 'string') this.picture?.show(view)
    else this.picture?.view.fly(view)
  }

  connectedCallback(): void {
    try {
      this.picture = new Picture(this.canvas, this.store, readTheme(this), () => this.documentsChanged())
    } catch {
      this.say('This browser cannot draw 3D (WebGL 2 is missing or switched off). Lists and tables show the same data.', 'refused')
      return
    }
    this.listeners = new AbortController()
    this.listen()
    this.sized = new ResizeObserver(() => this.resize())
    this.sized.observe(this)
    this.seen = new IntersectionObserver((entries) => this.picture?.stage.loop.pause(!entries.at(-1)?.isIntersecting))
    this.seen.observe(this)
    this.resize()
    this.connect()
  }

  disconnectedCallback(): void {
    this.lane?.close()
    this.lane = null
    this.listeners.abort()
    this.sized?.disconnect()
    this.seen?.disconnect()
    clearInterval(this.clock)
    this.picture?.dispose()
    this.picture = null
    this.store = new SlotStore()
    const fresh = this.canvas.cloneNode() as HTMLCanvasElement // a lost context stays lost; coming back needs a new canvas
    this.canvas.replaceWith(fresh)
    this.canvas = fresh
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.picture || before === now) return
    if (name === 'src' || name === 'parameters') this.connect()
    else if (name === 'view') this.picture.show(now ?? '')
    else if (name === 'theme') this.picture.theme(readTheme(this))
    else this.picture.mark(name === 'selected' ? 'select' : 'hover', now ?? '')
  }

  private connect(): void {
    this.lane?.close()
    this.store.forget()
    const src = this.getAttribute('src')
    if (!src) return
    this.lane = new Lane(src, this.parameters(), {
      cursor: () => this.store.cursor,
      frame: (frame) => this.frame(frame),
      state: (state) => this.connected(state),
    })
    this.lane.open()
  }

  private parameters(): Record<string, string> {
    try {
      const parsed: unknown = JSON.parse(this.getAttribute('parameters') ?? '{}')
      return parsed && typeof parsed === 'object' ? Object.fromEntries(Object.entries(parsed).map(([k, v]) => [k, String(v)])) : {}
    } catch {
      return {}
    }
  }

  private frame(frame: Parameters<SlotStore['apply']>[0]): void {
    const outcome = this.store.apply(frame)
    if (outcome.kind === 'gap') return this.lane?.again()
    if (outcome.kind === 'changed') this.picture?.update(outcome.slots)
    else {
      this.picture?.rebuild(this.getAttribute('view') ?? '')
      this.picture?.mark('select', this.getAttribute('selected') ?? '')
      this.canvas.setAttribute('aria-label', `3D picture of ${this.store.scene?.title ?? this.store.scene?.id ?? 'the scene'}`)
      this.tell('mereon-scene', this.store.scene)
      this.documentsChanged()
    }
    if (outcome.kind === 'table' || outcome.slots.size > 0) this.announce()
  }

  private announce(): void {
    if (this.announced) return
    this.announced = window.setTimeout(() => {
      this.announced = 0
      if (this.picture) this.tell('mereon-conditions', this.conditions)
    }, conditionPause)
  }

  private connected(state: LaneState): void {
    if (state.kind === this.state.kind && state.kind !== 'lost') return
    this.state = state
    const frozen = state.kind === 'lost' || state.kind === 'refused'
    this.toggleAttribute('data-frozen', frozen)
    this.picture?.freeze(frozen)
    this.announce()
    clearInterval(this.clock)
    if (state.kind === 'lost') this.clock = setInterval(() => this.describe(), 1000)
    this.describe()
    this.tell('mereon-connection', state)
  }

  private describe(): void {
    const { state } = this
    if (state.kind === 'refused') return this.say(state.message, 'refused')
    if (state.kind === 'lost') {
      const wait = Math.max(0, Math.ceil((state.retryAt - Date.now()) / 1000))
      const shown = this.store.time ? `Showing what was known at ${new Date(this.store.time).toLocaleTimeString('en-GB')}. ` : ''
      return this.say(`Connection lost. ${shown}${wait > 0 ? `Trying again in ${wait} s.` : 'Trying again.'}`, 'lost')
    }
    if (!this.store.scene) return this.say('Opening the scene', 'wait')
    this.say(this.picture?.loading ? 'Loading the model; boxes stand for its parts' : '', 'wait')
  }

  private documentsChanged(): void {
    this.describe()
    const lines = this.picture?.problems ?? []
    this.problems.hidden = lines.length === 0
    const summary = document.createElement('summary')
    summary.textContent = lines.length === 1 ? '1 thing is not as designed' : `${lines.length} things are not as designed`
    const list = document.createElement('ul')
    list.append(...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })))
    this.problems.replaceChildren(summary, list)
    if (this.store.scene && !this.picture?.loading) this.tell('mereon-ready', null)
  }

  private say(text: string, kind: 'wait' | 'lost' | 'refused'): void {
    if (this.notice.textContent !== text) this.notice.textContent = text
    this.notice.dataset.kind = kind
    this.notice.hidden = text === ''
  }

  private listen(): void {
    const { signal } = this.listeners
    const on = <K extends keyof HTMLElementEventMap>(name: K, handler: (event: HTMLElementEventMap[K]) => void) =>
      this.canvas.addEventListener(name, handler, { signal })
    on('pointerdown', (event) => { this.down = { x: event.offsetX, y: event.offsetY } })
    on('pointermove', (event) => { if (event.buttons === 0) this.hover(event.offsetX, event.offsetY) })
    on('pointerleave', () => this.hovered(null))
    on('click', (event) => this.clicked(event))
    on('dblclick', (event) => this.focusAt(event.offsetX, event.offsetY))
    on('keydown', (event) => this.key(event))
    this.canvas.addEventListener('webglcontextlost', (event) => event.preventDefault(), { signal })
    this.canvas.addEventListener('webglcontextrestored', () => this.restart(), { signal })
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.picture?.theme(readTheme(this)), { signal })
  }

  /** The graphics processor forgot everything: build it again from the store. */
  private restart(): void {
    this.disconnectedCallback()
    this.connectedCallback()
  }

  private hover(x: number, y: number): void {
    const hit = this.picture?.hit(x, y)
    this.hovered(hit?.entity ?? null, hit?.document, hit?.node)
  }

  private hovered(entity: string | null, document?: string, node?: number): void {
    if (entity === this.over) return
    this.over = entity
    this.canvas.style.cursor = entity ? 'pointer' : ''
    this.picture?.mark('hover', entity ?? '')
    this.tell('mereon-hover', { entity, document, node } satisfies PickDetail)
  }

  private clicked(event: MouseEvent): void {
    const moved = this.down ? Math.hypot(event.offsetX - this.down.x, event.offsetY - this.down.y) : 0
    if (moved > 5 || event.detail > 1) return
    const hit = this.picture?.hit(event.offsetX, event.offsetY)
    this.select(hit?.entity ?? null, hit?.document, hit?.node)
  }

  private select(entity: string | null, document?: string, node?: number): void {
    if (entity) this.setAttribute('selected', entity)
    else this.removeAttribute('selected')
    this.tell('mereon-select', { entity, document, node } satisfies PickDetail)
  }

  private focusAt(x: number, y: number): void {
    const entity = this.picture?.hit(x, y)?.entity
    if (entity) this.picture?.goTo(entity)
    else this.picture?.show('')
  }

  private key(event: KeyboardEvent): void {
    const view = this.picture?.view
    if (!view || event.ctrlKey || event.metaKey || event.altKey) return
    const selected = this.getAttribute('selected')
    const actions: Record<string, () => void> = {
      ArrowLeft: () => view.step(-turn, 0, 1), ArrowRight: () => view.step(turn, 0, 1),
      ArrowUp: () => view.step(0, turn, 1), ArrowDown: () => view.step(0, -turn, 1),
      '+': () => view.step(0, 0, 0.85), '=': () => view.step(0, 0, 0.85), '-': () => view.step(0, 0, 1.18),
      f: () => this.fit(), Home: () => this.flyTo(this.getAttribute('view') ?? ''),
      Enter: () => { if (selected) this.focusEntity(selected) },
      Escape: () => { if (!view.return() && selected) this.select(null) },
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }

  private resize(): void {
    this.picture?.tags.touch()
    this.picture?.stage.resize(this.clientWidth, this.clientHeight)
  }

  private tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }
}
