import { isRecord } from '../data/entity'
import { labelText, plainNumber, statusText, unitText, valueText } from '../data/format'
import { type Field, type TypeInfo, typeOf, useProject } from '../data/model'

const mostColumns = 4 // in the narrow panel
const longText = 24 // characters; a column with longer ones breaks its lines

/** Rows of other systems about an entity: one table for each kind, with what the source says when it does not answer. */
export function Records({ entity, type, wide = false }: { entity: Record<string, unknown>; type: TypeInfo; wide?: boolean }) {
  const project = useProject()
  const fields = type.fields.filter((field) => field.kind === 'RECORDS' && typeOf(project, field.type)?.kind === 'RECORD')
  return fields.map((field) => <RecordTable key={field.name} field={field} record={typeOf(project, field.type) as TypeInfo} value={entity[field.name]} wide={wide} />)
}

function RecordTable({ field, record, value, wide }: { field: Field; record: TypeInfo; value: unknown; wide: boolean }) {
  const connection = isRecord(value) ? value : null
  const rows = Array.isArray(connection?.nodes) ? connection.nodes.filter(isRecord) : null
  const status = typeof connection?.status === 'string' ? connection.status : 'UNAVAILABLE'
  const columns = record.fields.filter((one) => one.kind === 'STATIC').slice(0, wide ? 9 : mostColumns)
  const wordy = (one: Field) => rows?.some((row) => String(row[one.name] ?? '').length > longText) ? 'words' : undefined
  const open = rows?.filter((row) => !['DONE', 'CLOSED', 'COMPLETED'].includes(String(row.status))).length ?? 0
  return (
    <section className="block">
      <h3>{labelText(field.name)} {rows && <span className="muted">{rows.length === 0 ? 'none' : 'status' in (rows[0] ?? {}) ? `${open} open of ${rows.length}` : rows.length}</span>}</h3>
      {!rows && <p className="muted pad">– {statusText(status)}</p>}
      {rows && rows.length > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label={labelText(field.name)}>
          <table className="grid">
            <thead><tr>{columns.map((one) => <th key={one.name} scope="col">{labelText(one.name)}</th>)}</tr></thead>
            <tbody>
              {rows.map((row, i) => <tr key={i}>{columns.map((one) => <td key={one.name} className={wordy(one)}>{cell(row[one.name], one)}</td>)}</tr>)}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function cell(value: unknown, field: Field): string {
  const unit = value === null || value === undefined ? '' : unitText(field.unit)
  const text = typeof value === 'number' ? plainNumber(value) : valueText(value, field.type)
  return unit ? `${text} ${unit}` : text
}
