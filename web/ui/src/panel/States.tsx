import type { StateInfo } from '../data/entity'
import { durationText, labelText, timeText, unitText, valueText } from '../data/format'
import { shownState } from '../data/states'
import { StateMark } from './StateMark'

/** What the rules say, each with the answer to why: inputs, statements, and which one decided. */
export function States({ states }: { states: readonly StateInfo[] }) {
  if (states.length === 0) return <p className="muted pad">No rules apply to this type.</p>
  return <div className="states">{states.map((state) => <StateCard key={state.ruleSet} state={state} />)}</div>
}

function StateCard({ state }: { state: StateInfo }) {
  const shown = shownState(state.state, state.severity)
  const normal = shown.icon === 'ok'
  return (
    <details className="card" open={!normal || undefined}>
      <summary>
        <span className="name">{labelText(state.ruleSet)}</span>
        <StateMark icon={shown.icon} word={shown.word} />
        {state.since && <span className="muted since">since {timeText(state.since)}</span>}
      </summary>
      {state.message && !normal && <p>{state.message}</p>}
      {state.error && <p className="problem">The rule failed: {state.error}</p>}
      {state.unknown.length > 0 && <p className="muted">Not known: {state.unknown.join(', ')}</p>}
      <h4>Why {shown.word}?</h4>
      <ol className="steps">
        {state.steps.map((step, i) => (
          <li key={i} className={step.winner ? 'is-winner' : undefined}>
            <code>{step.when || 'otherwise'}</code>
            <span className="result">{step.winner ? `decided: ${step.state}` : step.result}{step.holding ? `, for ${durationText(step.holding)}` : ''}</span>
          </li>
        ))}
      </ol>
      <Inputs state={state} />
    </details>
  )
}

function Inputs({ state }: { state: StateInfo }) {
  if (state.inputs.length === 0) return null
  return (
    <dl className="inputs">
      {state.inputs.map((input) => (
        <div key={input.name}>
          <dt><code>{input.name}</code> {inputText(input.path)}</dt>
          <dd>{valueText(input.value)} {unitText(input.unit)} {input.status !== 'OK' && <StateMark icon="stale" word={input.status.toLowerCase()} />} {input.time && <span className="muted">{timeText(input.time)}</span>}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Where an input comes from; parameters of the rule set are called so. */
function inputText(path: string): string { return path.startsWith('params.') ? 'Parameter of the rule' : labelText(path) }
