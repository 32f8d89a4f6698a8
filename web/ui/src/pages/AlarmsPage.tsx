import { entityHref, sceneHref, amend, useAddress } from '../data/address'
import { type Alarm, useAlarms } from '../data/alarms'
import { useNow } from '../data/clock'
import { ageText, labelText, timeText } from '../data/format'
import { useProject } from '../data/model'
import { severities, severityIcon } from '../data/states'
import { Icon } from '../panel/Icon'
import { Link } from '../panel/Link'
import { Failed, Notice, Waiting } from '../panel/Notice'
import { StateMark } from '../panel/StateMark'

/** What is active now, live. */
export function AlarmsPage() {
  const answer = useAlarms()
  const { query } = useAddress()
  const only = query.get('severity')
  const alarms = answer.data?.alarms
  const shown = alarms?.filter((alarm) => !only || alarm.severity === only)
  return (
    <main className="page is-wide">
      <div className="page-head">
        <h1>Alarms</h1>
        <div className="choice-row" role="group" aria-label="Severity">
          {severities.map((severity) => {
            const n = alarms?.filter((alarm) => alarm.severity === severity).length ?? 0
            return <button key={severity} className="button" aria-pressed={only === severity} onClick={() => amend({ severity: only === severity ? null : severity })}><StateMark icon={severityIcon(severity)} word={severity.toLowerCase()} /> {n}</button>
          })}
        </div>
      </div>
      {answer.error && !alarms ? <Failed what="The alarms could not be read" error={answer.error} again={answer.again} />
        : !shown ? <Waiting what="Reading the alarms" />
        : shown.length === 0 ? <Notice title={only && alarms?.length ? `No ${only.toLowerCase()} alarms` : 'No active alarms'}>{only && alarms?.length ? 'Others are active.' : 'Alarms that the rules of the project raise appear here by themselves.'}</Notice>
        : <AlarmTable alarms={shown} />}
    </main>
  )
}

function AlarmTable({ alarms }: { alarms: Alarm[] }) {
  const { scenes } = useProject()
  return (
    <div className="surface scroll" tabIndex={0} role="region" aria-label="Active alarms">
      <table className="grid alarms">
        <thead><tr><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Where</th><th scope="col">Rule</th><th scope="col">Since</th><th scope="col"><span className="hidden">Show</span></th></tr></thead>
        <tbody>
          {alarms.map((alarm) => {
            const scene = scenes.find((one) => one.entities.includes(alarm.entityId))
            return (
              <tr key={`${alarm.entityId}/${alarm.ruleSet}`}>
                <td><StateMark icon={severityIcon(alarm.severity)} word={alarm.severity.toLowerCase()} /></td>
                <th scope="row">{alarm.message}</th>
                <td>{alarm.entity ? <Link href={entityHref(alarm.entityId)}>{alarm.entity.name}</Link> : <span className="muted">{alarm.entityId} (deleted)</span>}</td>
                <td className="muted">{labelText(alarm.ruleSet)}: {alarm.state}</td>
                <td><Since time={alarm.since} /></td>
                <td>{scene && <Link className="icon-button" href={sceneHref(scene.id, { select: alarm.entityId })} aria-label={`Show ${alarm.entity?.name ?? alarm.entityId} in 3D`}><Icon name="cube" size={18} /></Link>}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Since({ time }: { time: string | null }) {
  const now = useNow()
  if (!time) return <span className="muted">before the service started</span>
  return <time dateTime={time} title={timeText(time)}>{ageText(now - Date.parse(time))} ago</time>
}
