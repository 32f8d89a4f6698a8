import type { EffectName, Slot } from './frames'

/** What slots drive together: a node, a whole document, or an anchor. */
export interface Target {
  readonly key: string
  readonly document?: string
  readonly node?: number
  readonly anchor?: string
  /** The entity of the first slot that names one. */
  entity?: string
  name?: string
  /** Per channel, the slot that wins first. */
  readonly channels: Map<string, Slot[]>
}

/** Groups a slot table by what it drives, each channel with its winner first: higher priority, then the higher slot. */
export function targets(slots: Iterable<Slot>): Map<string, Target> {
  const found = new Map<string, Target>()
  for (const slot of slots) {
    const key = targetKey(slot)
    const target: Target = found.get(key) ?? { key, document: slot.document, node: slot.node, anchor: slot.anchor, channels: new Map() }
    found.set(key, target)
    target.entity ??= slot.entity
    target.name ??= slot.name
    const channel = channelOf(slot)
    const stack = target.channels.get(channel) ?? []
    target.channels.set(channel, [...stack, slot].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || b.slot - a.slot))
  }
  return found
}

export function targetKey(slot: Slot): string {
  if (slot.anchor !== undefined) return `@${slot.anchor}`
  if (slot.node !== undefined) return `${slot.document}:${slot.node}`
  return `${slot.document}:*${slot.entity ?? ''}`
}

/** Clips are channels of their own: two speeds on one node drive two clips. */
export function channelOf(slot: Slot): string {
  const channel = slot.channel ?? slot.effect
  return slot.clip === undefined ? channel : `${channel}/${slot.clip}`
}

/** The slots that win on a target, by effect. */
export function* winners(target: Target, ...effects: EffectName[]): Generator<Slot> {
  for (const stack of target.channels.values()) {
    const slot = stack[0]
    if (slot && effects.includes(slot.effect)) yield slot
  }
}
