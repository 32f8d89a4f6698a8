import { createContext, useContext } from 'react'

export type FieldKind = 'STATIC' | 'LIVE' | 'COMPUTED' | 'COMPONENT' | 'RELATIONSHIP' | 'INVERSE' | 'RECORDS'

export interface Field {
  name: string
  kind: FieldKind
  /** The scalar, enum, component, asset type or record type. */
  type: string
  list: boolean
  unit: string | null
  description: string | null
  min?: number | null
  max?: number | null
  fields?: Field[] | null
  hierarchy?: string | null
}

export interface TypeInfo {
  name: string
  kind: 'ASSET' | 'COMPONENT' | 'RECORD' | 'ENUM'
  singular: string | null
  plural: string | null
  abstract: boolean
  description: string | null
  parents: string[]
  concrete: string[]
  count: number
  fields: Field[]
}

export interface SceneSummary {
  id: string
  title: string
  parameters: { name: string; type: string; default: string | null }[]
  views: string[]
  entities: string[]
  problems: string[]
}

export interface Server { version: string; project: string; revision: number; startedAt: string; notice: string | null }

/** What the frame of the application knows: the service, the model, the scenes. */
export interface Project {
  server: Server
  model: { hash: string; types: TypeInfo[]; hierarchies: { name: string }[] }
  scenes: SceneSummary[]
}

const field = 'name kind type list unit description min max hierarchy'

export const projectQuery = `query Project {
  server { version project revision startedAt notice }
  model { hash hierarchies { name } types { name kind singular plural abstract description parents concrete count fields { ${field} fields { ${field} } } } }
  scenes { id title parameters { name type default } views entities problems }
}`

export const ProjectContext = createContext<Project | null>(null)

export function useProject(): Project {
  const project = useContext(ProjectContext)
  if (!project) throw new Error('the project is asked for before any page is shown')
  return project
}

export function typeOf(project: Project, name: string): TypeInfo | undefined {
  return project.model.types.find((type) => type.name === name)
}

const numeric = new Set(['Int', 'Long', 'Float', 'Decimal'])

export function isNumber(field: Field): boolean { return numeric.has(field.type) && !field.list }

/** The view a scene opens with: the one that shows all by its name, else the first. */
export function firstView(scene: SceneSummary): string { return scene.views.find((name) => name === 'overview') ?? scene.views[0] ?? '' }

/** The hierarchy a tree begins with: where things are, when the model says so, else the first. */
export function firstHierarchy(project: Project): string {
  const names = project.model.hierarchies.map(({ name }) => name)
  return names.find((name) => ['place', 'location', 'space', 'spatial'].includes(name)) ?? names[0] ?? ''
}
