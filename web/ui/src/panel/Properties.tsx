import { Fragment } from 'react'
import { type EntityInfo, isReading, isRecord } from '../data/entity'
import { labelText } from '../data/format'
import { type Field, isNumber, type TypeInfo } from '../data/model'
import { LiveValue, Quantity } from './Value'

interface Row { path: string; group: string; field: Field; value: unknown }

/** The properties of an entity in the order of the model; components as groups; a number opens its history. */
export function Properties({ entity, type, chart, onChart }: { entity: EntityInfo; type: TypeInfo; chart: string | null; onChart?: (path: string) => void }) {
  const rows = propertyRows(entity, type.fields)
  if (rows.length === 0) return <p className="muted pad">This type has no properties of its own.</p>
  return (
    <table className="properties">
      <caption className="hidden">Properties of {entity.name}</caption>
      <tbody>
        {rows.map((row, i) => (
          <Fragment key={row.path}>
            {row.group !== '' && row.group !== rows[i - 1]?.group && <tr className="group"><th scope="rowgroup" colSpan={2}>{row.group}</th></tr>}
            <PropertyRow row={row} chart={chart} onChart={onChart} />
          </Fragment>
        ))}
      </tbody>
    </table>
  )
}

function PropertyRow({ row: { path, field, value }, chart, onChart }: { row: Row; chart: string | null; onChart?: (path: string) => void }) {
  const label = labelText(field.name)
  return (
    <tr className={path === chart ? 'is-charted' : undefined}>
      <th scope="row" title={field.description ?? undefined}>
        {onChart && field.kind === 'LIVE' && isNumber(field) ? <button className="plain" aria-pressed={path === chart} onClick={() => onChart(path)}>{label}</button> : label}
      </th>
      <td>{isReading(value) ? <LiveValue reading={value} type={field.type} /> : <Quantity value={value} unit={value === null || value === undefined ? null : field.unit} type={field.type} written />}</td>
    </tr>
  )
}

/** Rows of plain, live and computed properties; those of a component under the component's name. */
export function propertyRows(values: Record<string, unknown>, fields: readonly Field[], before = '', group = ''): Row[] {
  return fields.flatMap((field): Row[] => {
    const value = values[field.name]
    const path = before + field.name
    if (field.kind === 'COMPONENT') {
      const name = group ? `${group} › ${labelText(field.name).toLowerCase()}` : labelText(field.name)
      return isRecord(value) && field.fields ? propertyRows(value, field.fields, `${path}.`, name) : []
    }
    return field.kind === 'STATIC' || field.kind === 'LIVE' || field.kind === 'COMPUTED' ? [{ path, group, field, value }] : []
  })
}

/** The live numbers of a type, by path; the first is what a chart shows unasked. */
export function chartable(fields: readonly Field[], before = ''): { path: string; field: Field }[] {
  return fields.flatMap((field) => {
    if (field.kind === 'COMPONENT') return chartable(field.fields ?? [], `${before}${field.name}.`)
    return field.kind === 'LIVE' && isNumber(field) ? [{ path: before + field.name, field }] : []
  })
}
