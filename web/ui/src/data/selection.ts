import type { Field, Project, TypeInfo } from './model'

const reading = 'value unit time age quality status why'
const deepest = 2 // components within components
const nameOnly = new Set(['RELATIONSHIP', 'INVERSE'])

/** How much of an entity is asked for: only what changes all the time, or everything its page shows. */
export type Extent = 'values' | 'all'

/**
 * The fields of an asset type as a selection. The model decides at run time what a type has, so the text is made from
 * it. Names come from the model, which allows nothing but identifiers.
 */
export function selection(project: Project, type: TypeInfo, extent: Extent): string {
  return type.fields.map((field) => fieldText(project, field, extent, 0)).filter(Boolean).join(' ')
}

function fieldText(project: Project, field: Field, extent: Extent, depth: number): string {
  if (nameOnly.has(field.kind)) return extent === 'all' && depth === 0 ? related(project, field) : ''
  switch (field.kind) {
    case 'LIVE': case 'COMPUTED': return `${field.name} { ${reading} }`
    case 'RECORDS': return extent === 'all' && depth === 0 ? records(project, field) : ''
    case 'COMPONENT': return component(project, field, extent, depth)
    default: return field.name
  }
}

function component(project: Project, field: Field, extent: Extent, depth: number): string {
  const fields = field.fields ?? project.model.types.find((type) => type.name === field.type)?.fields ?? []
  const inner = depth >= deepest ? '' : fields.map((one) => fieldText(project, one, extent, depth + 1)).filter(Boolean).join(' ')
  return inner ? `${field.name} { ${inner} }` : ''
}

function related(project: Project, field: Field): string {
  const target = project.model.types.find((type) => type.name === field.type)
  if (target?.kind === 'RECORD') return records(project, field)
  return field.list ? `${field.name}(first: 20) { totalCount nodes { id name assetType } }` : `${field.name} { id name assetType }`
}

/** Rows of another system, with the columns that are plain values. */
function records(project: Project, field: Field): string {
  const target = project.model.types.find((type) => type.name === field.type)
  if (target?.kind === 'ASSET') return related(project, field)
  const columns = (target?.fields ?? []).filter((one) => one.kind === 'STATIC').map((one) => one.name).join(' ')
  if (!columns) return ''
  return field.list ? `${field.name}(first: 50) { totalCount status nodes { ${columns} } }` : `${field.name} { ${columns} }`
}

const state = 'ruleSet state since severity message unknown error scalar inputs { name path value unit time status } steps { state when result winner holding }'

/** Everything an entity's page shows; with `live`, as a subscription. */
export function entityText(project: Project, type: TypeInfo | undefined, live: boolean): string {
  const ancestors = project.model.hierarchies.map(({ name }, i) => `h${i}: ancestors(hierarchy: ${JSON.stringify(name)}) { id name assetType }`).join(' ')
  const typed = type ? `... on ${type.name} { ${selection(project, type, live ? 'values' : 'all')} }` : ''
  const rest = live ? '' : `externalIds createdAt updatedAt ${ancestors}`
  return `${live ? 'subscription' : 'query'} Entity($id: ID!) { entity(id: $id) { id name assetType revision states { ${state} } ${rest} ${typed} } }`
}

/** The history of one property, in buckets. */
export function historyText(type: TypeInfo, path: string): string {
  const [first = '', ...rest] = path.split('.').reverse()
  const leaf = `${first} { history(from: $from, every: $every, aggregate: AVG, first: 2000) { measurements { time value } unit status why } }`
  const nested = rest.reduce((inner, name) => `${name} { ${inner} }`, leaf)
  return `query History($id: ID!, $from: DateTime!, $every: Duration!) { entity(id: $id) { ... on ${type.name} { ${nested} } } }`
}
