// What a text finds: entities with every word of it as the beginning of a word in their id, name, external ids or texts.

/** The words of a text: runs of letters and digits without case and accents; every ideograph is one. */
export function words(text) {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/ß/g, 'ss')
  return plain.match(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu) ?? []
}

/** How well an entity fits the words: 0 best, undefined when it is not found. */
export function rank(world, entity, wanted) {
  const keys = [entity.id, ...Object.values(entity.externalIds ?? {})].map(words)
  const name = words(entity.name)
  const others = Object.entries(entity.values).flatMap(([path, v]) => (['String', 'ID'].includes(world.field(entity.type, path).type) || world.enums[world.field(entity.type, path).type] ? [v ?? ''].flat().map(words) : []))
  const all = [...keys, name, ...others].flat()
  const begins = (list) => wanted.every((w) => list.some((word) => word.startsWith(w)))
  const whole = (list) => wanted.every((w) => list.includes(w))
  const is = (list) => list.join(' ') === wanted.join(' ')
  if (!begins(all)) return undefined
  if (keys.some(is)) return 0
  if (is(name)) return 1
  if (whole(name)) return 2
  if (begins(name)) return 3
  return whole(all) ? 4 : 5
}
