import type { ReactNode } from 'react'
import type { Icon } from '../scene/palette'

const shapes: Readonly<Record<Icon, ReactNode>> = {
  ok: <circle cx="8" cy="8" r="3.200" fill="currentColor" />,
  info: <path d="M8 1.800 14.200 8 8 14.200 1.800 8Z" fill="currentColor" />,
  warning: <path fillRule="evenodd" d="M8 1.500 15.200 14H.800L8 1.500Zm-.800 4.300h1.600l-.250 4.200H7.450L7.200 5.800ZM8 10.900a.950.950 0 1 1 0 1.900.950.950 0 0 1 0-1.900Z" fill="currentColor" />,
  alarm: <path fillRule="evenodd" d="M3.500 1.500h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2Zm3.700 2.300.200 5h1.200l.200-5H7.200ZM8 10.300a1.050 1.050 0 1 0 0 2.100 1.050 1.050 0 0 0 0-2.100Z" fill="currentColor" />,
  maintenance: <path d="M14.300 4.500 12 6.800 9.700 6.300 9.200 4l2.300-2.300a4 4 0 0 0-5 5.200L1.700 11.700a1.800 1.800 0 1 0 2.600 2.600l4.800-4.800a4 4 0 0 0 5.200-5Z" fill="currentColor" />,
  unknown: <path d="M5.300 5.800c0-3.600 5.600-3.600 5.600 0 0 2.200-2.800 2.200-2.800 4.200M8.100 12.600v.200" fill="none" stroke="currentColor" strokeWidth="1.900" strokeLinecap="round" />,
  stale: <g fill="none" stroke="currentColor" strokeWidth="1.500" strokeLinecap="round"><circle cx="8" cy="8" r="6" /><path d="M8 4.600V8l2.400 1.500" /></g>,
}

/** The glyph of a state: shape and colour; `word` is shown beside it, or read aloud when `quiet`. */
export function StateMark({ icon, word, quiet = false, stale = false }: { icon: Icon; word: string; quiet?: boolean; stale?: boolean }) {
  return (
    <span className={`state state-${icon}${stale ? ' is-stale' : ''}`} title={quiet ? word : undefined}>
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{shapes[icon]}</svg>
      <span className={quiet ? 'hidden' : undefined}>{word}</span>
    </span>
  )
}
