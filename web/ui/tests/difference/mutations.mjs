// What mutations mean: each root field is one change, made on a copy of the plant that takes its place when nothing is wrong.

/** A change that is refused: every mistake with its field and code. */
export class Refused extends Error {
  constructor(problems) {
    super(problems.map((p) => `${p.field} ${p.code}`).sort().join(', '))
    this.problems = problems
  }
}

/**
 * What was told of a mistaken change, and what is to be: all mistakes with their places; where entities are not there, or not
 * new, these mistakes alone, since what follows from them is a matter of taste.
 */
export function mistakesOf(told, problems) {
  const twice = (p) => p.code === 'INVALID' && /(^|\.)id$/.test(p.field) // which of two is the second is open
  const of = (list) => list.map((p) => (twice(p) ? 'id twice' : `${p.field} ${p.code}`)).sort()
  const existence = (p) => /^ids\[|(^|\.)(id|from)$/.test(p.field)
  if (![...told, ...problems].some(existence)) return [of(told), of(problems)]
  return [of(told.filter(existence)), of(problems.filter(existence))]
}

/** Makes the change of a root field, once for a key; returns what its answer is about. */
export function mutate(world, name, args) {
  const draft = new Draft(world)
  const subjects = draft.mutation(name, args)
  const key = args.dryRun ? null : args.idempotencyKey
  if (world.keys.has(key)) return subjects
  draft.finish()
  if (draft.problems.length > 0) throw new Refused(draft.problems)
  if (!args.dryRun) world.become(draft)
  if (key) world.keys.add(key)
  return subjects
}

class Draft {
  problems = []
  made = new Set()
  gone = new Set()
  added = [] // links, each with the place that wants it
  removed = []
  relating = [] // entities that must still be there, each with the place that says so
  refusing = [] // deletions that must not leave children behind

  constructor(world) {
    this.world = world
    this.byId = new Map(world.entities.map((e) => [e.id, { ...e, values: { ...e.values } }]))
    this.links = [...world.links_]
  }

  refuse(code, field) { this.problems.push({ code, field }) }

  mutation(name, args) {
    const [, verb, of] = /^(create|update|delete)(.*)$/.exec(name) ?? [null, name]
    const type = Object.keys(this.world.types).find((t) => t === of || `${t}s` === of)
    const known = (id, place) => {
      if (this.world.byId.get(id)?.type === type) return true
      this.refuse('NOT_FOUND', place)
      return false
    }
    const element = (i) => `inputs[${i}]`
    switch (verb === name ? name : verb + (of === type ? '' : 's')) {
      case 'create': return this.create(type, args.input, 'input')
      case 'creates': return args.inputs.map((input, i) => this.create(type, input, element(i)))
      case 'update':
        if (known(args.id, 'id')) this.update(args, '')
        return args.id
      case 'updates':
        for (const [i, change] of args.inputs.entries()) if (known(change.id, `${element(i)}.id`)) this.update(change, `${element(i)}.`)
        return args.inputs.map((c) => c.id)
      case 'delete':
        if (known(args.id, 'id')) this.delete(args, 'id', 'ifRevision')
        return args.id
      case 'deletes': {
        const each = args.ids ? args.ids.map((id, i) => [{ id, children: args.children }, `ids[${i}]`, '']) : args.inputs.map((c, i) => [c, `${element(i)}.id`, `${element(i)}.ifRevision`])
        for (const [change, place, revision] of each) if (known(change.id, place)) this.delete(change, place, revision)
        return each.map(([c]) => c.id)
      }
      case 'relate': case 'unrelate':
        this.relate(verb, args, '')
        return args.from
    }
    for (const [i, change] of args.changes.entries()) {
      const [kind, in_] = Object.entries(change)[0], place = `changes[${i}].${kind}`
      if (kind === 'create') this.create(in_.type, in_.input, `${place}.input`)
      else if (kind === 'update') this.update(in_, `${place}.`)
      else if (kind === 'delete') this.delete(in_, `${place}.id`, `${place}.ifRevision`)
      else this.relate(kind, in_, `${place}.`)
    }
    return { dryRun: args.dryRun }
  }

  create(type, { id, new: along, ...input }, place, taken) {
    if (this.made.has(id)) this.refuse('INVALID', `${place}.id`)
    else if (this.byId.has(id)) this.refuse('CONFLICT', `${place}.id`)
    this.made.add(id)
    const entity = { id, type, name: input.name || id, values: {}, revision: 0 }
    this.byId.set(id, entity)
    delete input.name
    this.set(entity, input, place, '', true)
    for (const [path, field] of this.leaves(type)) {
      const group = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : null
      if (field.required && (entity.values[path] ?? null) === null && (group === null || Object.keys(input[group] ?? {}).length > 0)) this.refuse('INVALID', `${place}.${path}`)
    }
    this.along(entity, along, place, input, taken)
    return id
  }

  /** All stored values that a type has, by path. */
  leaves(type) {
    return Object.entries(this.world.types[type].fields).flatMap(([name, f]) => {
      if (f.kind === 'static') return [[name, f]]
      return f.kind === 'component' ? Object.entries(this.world.components[f.component]).filter(([, inner]) => inner.kind === 'static').map(([n, inner]) => [`${name}.${n}`, inner]) : []
    })
  }

  update({ id, set: { new: along, ...set }, ifRevision }, place) {
    const entity = this.byId.get(id)
    if (!entity) return this.refuse('NOT_FOUND', `${place}id`)
    this.unchanged(entity, ifRevision, `${place}ifRevision`)
    if ('name' in set && !set.name) this.refuse('INVALID', `${place}set.name`)
    if (set.name) entity.name = set.name
    delete set.name
    this.set(entity, set, `${place}set`, '', false)
    this.along(entity, along, `${place}set`, set)
  }

  /** Sets the fields that are given, at any depth; relationships that are given replace those that are. */
  set(entity, fields, place, prefix, created) {
    for (const [name, v] of Object.entries(fields)) {
      const path = prefix + name
      if (path === 'externalIds' || path === 'bindings') {
        entity[path] = v
        continue
      }
      const field = this.world.field(entity.type, path)
      switch (field.kind) {
        case 'static':
          if (v === null && field.required && !created) this.refuse('INVALID', `${place}.${path}`)
          entity.values[path] = v
          break
        case 'component':
          if (v === null) for (const n of Object.keys(this.world.components[field.component])) delete entity.values[`${path}.${n}`]
          else this.set(entity, v, place, `${path}.`, created)
          break
        case 'relation':
          this.drop((l) => l.relation === field.relation && l.from === entity.id)
          for (const [i, t] of (v === null ? [] : [v].flat()).entries()) {
            const target = typeof t === 'string' ? { to: t } : t
            this.want(entity.id, field, target.to, target.props, `${place}.${path}${field.many ? `[${i}]` : ''}`)
          }
      }
    }
  }

  /** Somebody else has not changed it since a revision, where one is said. */
  unchanged(entity, revision, place) {
    if (revision !== undefined && revision !== null && entity.revision !== revision) this.refuse('CONFLICT', place)
  }

  drop(which) {
    this.links = this.links.filter((l) => !which(l))
    this.added = this.added.filter((l) => !which(l))
  }

  /** A relationship over a field of an entity, which may lead here from there. */
  want(owner, field, other, props, place, propsPlace = `${place}.props`, related = false) {
    const [from, to] = field.inverse ? [other, owner] : [owner, other]
    const component = this.world.components[this.propsOf(field.relation)]
    if (!component && Object.keys(props ?? {}).length > 0) this.refuse('INVALID', propsPlace)
    else if (component) for (const name of Object.keys(props ?? {})) if (!component[name]) this.refuse('INVALID', `${propsPlace}.${name}`)
    for (const [name, f] of Object.entries(component ?? {})) if (f.required && (props?.[name] ?? null) === null) this.refuse('INVALID', `${propsPlace}.${name}`)
    const given = Object.fromEntries(Object.entries(props ?? {}).filter(([, v]) => v !== null))
    const link = { relation: field.relation, from, to, props: given, place, owner, other, target: field.target, related }
    const again = this.added.find((l) => l.relation === link.relation && l.from === from && l.to === to)
    if (!again) this.added.push(link)
    else if (Object.keys(given).length > 0) again.props = given
  }

  propsOf(relation) {
    for (const t of Object.values(this.world.types)) for (const f of Object.values(t.fields)) if (f.relation === relation && f.props) return f.props
  }

  /** Entities that are created along, over a relationship in either direction. */
  along(entity, along, place, fields, taken) {
    for (const [name, list] of Object.entries(along ?? {})) {
      const field = this.world.field(entity.type, name)
      for (const [i, one] of (list === null ? [] : [list].flat()).entries()) {
        const at = `${place}.new.${name}${field.many ? `[${i}]` : ''}`
        const { props, ...typed } = one
        const [singular, input] = Object.entries(typed).find(([, v]) => v !== null && v !== undefined)
        const type = this.world.roots[singular].type
        const forward = field.inverse ? Object.entries(this.world.types[type].fields).find(([, f]) => f.relation === field.relation && !f.inverse) : [name, field]
        const other = this.create(type, input, `${at}.${singular}`, field.inverse ? forward[0] : undefined)
        const given = field.inverse ? input : fields
        if (!forward[1].many && ((given[forward[0]] ?? null) !== null || taken === forward[0] && !field.inverse)) {
          this.refuse('INVALID', at)
          continue
        }
        const owner = field.inverse ? other : entity.id
        if (!forward[1].many) this.drop((l) => l.relation === field.relation && l.from === owner)
        this.want(owner, forward[1], field.inverse ? entity.id : other, props, at)
      }
    }
  }

  delete({ id, children, ifRevision }, place, revisionPlace) {
    if (!this.byId.has(id)) return this.refuse('NOT_FOUND', place)
    this.unchanged(this.byId.get(id), ifRevision, revisionPlace)
    if ((children ?? 'REFUSE') === 'REFUSE') this.refusing.push({ id, place })
    const below = (of) => this.links.filter((l) => l.relation === 'isIn' && l.to === of).map((l) => l.from)
    const remove = (of) => {
      const next = children === 'DELETE' ? below(of) : []
      this.gone.add(of)
      this.byId.delete(of)
      for (const child of next) if (this.byId.has(child)) remove(child)
    }
    remove(id)
  }

  relate(verb, { from, name, to, props }, place) {
    const entity = this.byId.get(from)
    if (!entity) return this.refuse('NOT_FOUND', `${place}from`)
    this.relating.push({ id: from, place: `${place}from` })
    const fields = this.world.types[entity.type].fields
    const field = fields[name]?.kind === 'relation' ? fields[name] : Object.values(fields).find((f) => f.relation === name && !f.inverse)
    if (!field) return this.refuse('INVALID', `${place}name`)
    if (verb === 'relate') return this.want(from, field, to, props, `${place}to`, `${place}props`, true)
    const [start, end] = field.inverse ? [to, from] : [from, to]
    const is = (l) => l.relation === field.relation && l.from === start && l.to === end
    if (!this.links.some(is)) this.refuse('NOT_FOUND', `${place}to`)
    this.removed.push(is)
  }

  /** The rules that hold when everything is changed. */
  finish() {
    for (const is of this.removed) this.links = this.links.filter((l) => !is(l))
    const there = (l) => this.byId.has(l.from) && this.byId.has(l.to)
    const before = this.links
    this.links = this.links.filter(there)
    for (const l of this.added) this.add(l)
    for (const { id, place } of this.relating) if (!this.byId.has(id)) this.refuse('NOT_FOUND', place)
    for (const { id, place } of this.refusing) {
      const left = before.some((l) => l.relation === 'isIn' && l.to === id && this.byId.has(l.from) && !this.links.some((o) => o.relation === 'isIn' && o.from === l.from))
      if (left) this.refuse('CONFLICT', place)
    }
  }

  add(l) {
    const other = this.byId.get(l.other)
    if (!other) return this.refuse('INVALID', l.place)
    if (!this.world.is(other.type, l.target)) return this.refuse('INVALID', l.place) // and breaks no further rules
    if (!this.byId.has(l.owner)) return l.related || this.refuse('NOT_FOUND', l.place) // of relate it is told of its from
    const same = (o) => o.relation === l.relation && o.from === l.from && o.to === l.to
    this.links = this.links.filter((o) => !same(o))
    const many = Object.values(this.world.types).flatMap((t) => Object.values(t.fields)).some((f) => f.relation === l.relation && !f.inverse && f.many)
    if (!many && this.links.some((o) => o.relation === l.relation && o.from === l.from)) return this.refuse('CONFLICT', l.place)
    if (l.relation === 'isIn') {
      for (let at = l.to; at !== undefined; at = this.links.find((o) => o.relation === 'isIn' && o.from === at)?.to) if (at === l.from) return this.refuse('CONFLICT', l.place)
    }
    this.links.push({ relation: l.relation, from: l.from, to: l.to, props: l.props })
  }
}
