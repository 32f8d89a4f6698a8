import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { entityHref, go, sceneHref } from '../data/address'
import { useAsk } from '../data/ask'
import type { Ref } from '../data/entity'
import { useProject } from '../data/model'
import { chooseTheme, theme } from '../data/theme'

interface Choice { key: string; word: string; kind: string; run: () => void }

const searchQuery = 'query Search($text: String!) { entities(search: $text, first: 12) { nodes { id name assetType } } }'

/** Finds entities, scenes and actions; opened with Ctrl K. A dialog, so that focus stays in it and goes back. */
export function Command({ close }: { close: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const dialog = useRef<HTMLDialogElement>(null)
  const choices = useChoices(text, close)
  useEffect(() => { dialog.current?.showModal() }, [])
  useEffect(() => setAt(0), [text])
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((n) => Math.min(n + 1, choices.length - 1))
    else if (event.key === 'ArrowUp') setAt((n) => Math.max(n - 1, 0))
    else if (event.key === 'Enter') choices[at]?.run()
    else return
    event.preventDefault()
  }
  return (
    <dialog ref={dialog} className="command" aria-label="Search" onClose={close} onClick={(event) => { if (event.target === dialog.current) close() }}>
      <input type="text" role="combobox" aria-expanded="true" aria-controls="choices" aria-activedescendant={choices[at] ? `choice-${at}` : undefined} aria-label="Search entities, scenes, actions"
        placeholder="Search entities, scenes, actions" value={text} onChange={(event) => setText(event.target.value)} onKeyDown={key} autoFocus spellCheck={false} />
      <ul id="choices" role="listbox" aria-label="Found">
        {choices.map((choice, i) => (
          <li key={choice.key} id={`choice-${i}`} role="option" aria-selected={i === at} onPointerMove={() => setAt(i)} onClick={choice.run}>
            <span>{choice.word}</span><span className="muted">{choice.kind}</span>
          </li>
        ))}
      </ul>
      {choices.length === 0 && <p className="muted pad" role="status">Nothing is called that.</p>}
    </dialog>
  )
}

function useChoices(text: string, close: () => void): Choice[] {
  const { scenes } = useProject()
  const asked = useLater(text.trim(), 120)
  const found = useAsk<{ entities: { nodes: Ref[] } }>(asked ? searchQuery : null, { text: asked })
  return useMemo(() => {
    const to = (href: string) => () => { close(); go(href) }
    const fixed: Choice[] = [
      ...scenes.map((scene) => ({ key: `scene ${scene.id}`, word: scene.title || scene.id, kind: 'Scene', run: to(sceneHref(scene.id)) })),
      { key: 'explore', word: 'Explore the hierarchies', kind: 'Page', run: to('/explore') },
      { key: 'alarms', word: 'Active alarms', kind: 'Page', run: to('/alarms') },
      { key: 'query', word: 'Query with GraphQL', kind: 'Page', run: to('/query') },
      { key: 'theme', word: 'Switch between light and dark', kind: 'Action', run: () => { chooseTheme(theme.get() === 'dark' ? 'light' : 'dark'); close() } },
    ]
    const matching = fixed.filter(({ word }) => word.toLowerCase().includes(text.trim().toLowerCase()))
    const entities = asked ? (found.data?.entities.nodes ?? []) : []
    return [...entities.map((one) => ({ key: one.id, word: one.name, kind: one.assetType, run: to(entityHref(one.id)) })), ...matching]
  }, [scenes, text, asked, found.data, close])
}

/** A value that is taken over only when it has stood still. */
export function useLater<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return late
}
