/** Moves something by `dt` seconds; true while it wants to go on. */
export type Animator = (dt: number, now: number) => boolean

export interface Drawing {
  draw(quality: 'still' | 'moving'): void
  /** True once everything drawn so far is on the screen. */
  finished(): boolean
}

const ambientInterval = 33 // ms between frames when only parts of the plant move
const slowFrame = 45 // ms; a frame that takes longer is drawn coarser while the camera moves
const rest = 220 // ms after the last camera movement until the sharp frame

/**
 * Draws only when something changed. Never more than one frame is on its way to the graphics processor; movement of
 * the plant alone takes at most about half of its time, movement of the camera takes what it needs.
 */
export class Loop {
  /** Frames drawn since the start; tests read it to prove that a quiet scene costs nothing. */
  frames = 0
  /** Smoothed time of one frame, in ms. */
  cost = 0
  private animators = new Set<Animator>()
  private dirty = false
  private request = 0
  private lastStep = 0
  private drawnAt = 0
  private waiting = false
  private interactedAt = -1e9
  private coarse = false
  private paused = false

  constructor(private readonly drawing: Drawing) {}

  invalidate = (): void => {
    this.dirty = true
    this.schedule()
  }

  /** Says that the camera is being moved by hand: frames come as fast as they can. */
  interact(): void {
    this.interactedAt = performance.now()
    this.invalidate()
  }

  animate(animator: Animator): () => void {
    this.animators.add(animator)
    this.schedule()
    return () => this.animators.delete(animator)
  }

  /** Wakes animators that had nothing to do. */
  wake(): void { this.schedule() }

  /** Draws at once; for a canvas whose size has just changed, which would be empty until the next frame. */
  redraw(): void {
    if (!this.paused && this.frames > 0) this.draw(performance.now(), false)
    else this.invalidate()
  }

  pause(paused: boolean): void {
    this.paused = paused
    if (!paused) this.invalidate()
  }

  dispose(): void {
    cancelAnimationFrame(this.request)
    this.paused = true
    this.animators.clear()
  }

  private schedule(): void {
    if (!this.request && !this.paused) this.request = requestAnimationFrame(this.step)
  }

  private step = (now: number): void => {
    this.request = 0
    if (this.paused) return
    if (this.waiting) {
      if (!this.drawing.finished()) return this.schedule()
      this.waiting = false
      this.cost = this.cost * 0.7 + (now - this.drawnAt) * 0.3
    }
    const moving = now - this.interactedAt < rest
    const due = now - this.drawnAt >= (moving || this.dirty ? 0 : Math.max(ambientInterval, this.cost * 1.6))
    const active = due ? this.advance(now) : this.animators.size > 0
    if (due && (active || this.dirty || (this.coarse && !moving && now - this.drawnAt > rest))) this.draw(now, moving)
    if (active || this.dirty || this.waiting || this.coarse) this.schedule()
  }

  private advance(now: number): boolean {
    const dt = Math.min(0.25, (now - this.lastStep) / 1000)
    this.lastStep = now
    let active = false
    for (const animator of [...this.animators]) active = animator(dt, now) || active
    return active
  }

  private draw(now: number, moving: boolean): void {
    this.coarse = moving && this.cost > slowFrame
    this.dirty = false
    this.frames++
    this.drawnAt = now
    this.drawing.draw(this.coarse ? 'moving' : 'still')
    this.waiting = true
  }
}
