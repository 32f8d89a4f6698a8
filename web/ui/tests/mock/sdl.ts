/** The part of the service's API that the application asks for, for one small model. */
export const sdl = `
scalar Long
scalar DateTime
scalar Duration
scalar JSON
enum Status { OK STALE EMPTY NO_DATA_YET NOT_BOUND NOT_FOUND UNAVAILABLE }
enum Quality { GOOD UNCERTAIN BAD }
enum Severity { CRITICAL WARNING INFO }
enum Aggregate { AVG MIN MAX }
enum FieldKind { STATIC LIVE COMPUTED COMPONENT RELATIONSHIP INVERSE RECORDS }
enum TypeKind { ASSET COMPONENT RECORD ENUM }
interface Node { id: ID! }
interface Entity implements Node { ${entity()} }
type EntityConnection { totalCount: Int! nodes: [Entity!]! }
type Space implements Node & Entity { ${entity()} equipment(first: Int = 100): EntityConnection! temperature: FloatSeries! }
type Pump implements Node & Entity { ${entity()} serialNumber: String! criticality: String ratedFlow: Float flow: FloatSeries! speed: FloatSeries! bearingTemperature: FloatSeries! load: FloatValue!
  location: Entity feeds(first: Int = 100): EntityConnection! workOrders(first: Int = 100): WorkOrderConnection! }
type Machine implements Node & Entity { ${entity()} serialNumber: String! speed: FloatSeries! power: FloatSeries! location: Entity workOrders(first: Int = 100): WorkOrderConnection! }
type WorkOrder { number: ID! title: String status: String priority: String due: String }
type WorkOrderConnection { nodes: [WorkOrder!] totalCount: Int status: Status! }
type FloatSeries { value: Float unit: String time: DateTime quality: Quality! status: Status! why: String
  history(from: DateTime!, to: DateTime, every: Duration, aggregate: Aggregate, first: Int = 1000): FloatHistory! }
type FloatValue { value: Float unit: String time: DateTime quality: Quality! status: Status! why: String }
type FloatHistory { measurements: [FloatMeasurement!]! unit: String status: Status! why: String }
type FloatMeasurement { time: DateTime! value: Float quality: Quality! }
type State { ruleSet: String! state: String scalar: Float since: DateTime unknown: [String!]! error: String severity: Severity message: String inputs: [StateInput!]! steps: [StateStep!]! }
type StateInput { name: String! path: String! value: JSON unit: String time: DateTime status: Status! }
type StateStep { state: String! when: String! result: String! winner: Boolean! holding: Duration }
type Alarm { entity: Entity entityId: ID! ruleSet: String! state: String! severity: Severity! message: String! since: DateTime }
type ServerStatus { version: String! project: String! revision: Long! startedAt: DateTime! notice: String }
type FieldInfo { name: String! kind: FieldKind! type: String! list: Boolean! unit: String description: String min: Float max: Float hierarchy: String fields: [FieldInfo!] }
type TypeInfo { name: String! kind: TypeKind! singular: String plural: String abstract: Boolean! description: String parents: [String!]! concrete: [String!]! count: Long! fields: [FieldInfo!]! }
type HierarchyInfo { name: String! }
type ModelInfo { hash: String! types: [TypeInfo!]! hierarchies: [HierarchyInfo!]! }
type SceneParameter { name: String! type: String! default: String }
type SceneInfo { id: ID! title: String! parameters: [SceneParameter!]! views: [String!]! entities: [ID!]! problems: [String!]! }
type ExampleOperation { name: String! text: String! }
type Query {
  server: ServerStatus! model: ModelInfo! scenes: [SceneInfo!]! examples: [ExampleOperation!]!
  entity(id: ID!): Entity nodes(ids: [ID!]!): [Node]! entities(type: String, search: String, first: Int = 100): EntityConnection! alarms: [Alarm!]!
}
type Subscription { entity(id: ID!): Entity alarms: [Alarm!]! }
`

function entity(): string {
  return `id: ID! name: String! assetType: String! revision: Long! externalIds: JSON createdAt: DateTime! updatedAt: DateTime! parent(hierarchy: String!): Entity
  ancestors(hierarchy: String!): [Entity!]! property(name: String!): JSON states: [State!]!`
}
