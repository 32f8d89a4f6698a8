import type { ReactNode } from 'react'
import { line } from '../data/client'
import { useNow } from '../data/clock'
import { ageText } from '../data/format'
import { useProject } from '../data/model'
import { useStore } from '../data/store'
import { chooseTheme, theme } from '../data/theme'
import { Icon } from './Icon'
import { Link } from './Link'

/** Where one is, the search, and whether what is shown is live. */
export function TopBar({ crumbs, search }: { crumbs: ReactNode; search: () => void }) {
  const project = useProject()
  return (
    <header className="top">
      <div className="crumbs"><Link href="/" className="project">{project.server.project}</Link>{crumbs}</div>
      <button className="find" onClick={search}><Icon name="search" size={16} /><span>Search entities, scenes, actions</span><kbd>Ctrl K</kbd></button>
      <span className="revision" title="Revision of the graph">rev {project.server.revision}</span>
      <LineMark />
      <ThemeButton />
    </header>
  )
}

function LineMark() {
  const state = useStore(line)
  return state.kind === 'lost' ? <Lost since={state.since} /> : <span className="line"><i aria-hidden="true" />live</span>
}

function Lost({ since }: { since: number }) {
  const now = useNow()
  return <span className="line is-lost" role="status"><i aria-hidden="true" />no connection for {ageText(now - since)}</span>
}

function ThemeButton() {
  const dark = useStore(theme) === 'dark'
  return (
    <button className="icon-button" onClick={() => chooseTheme(dark ? 'light' : 'dark')} aria-label={dark ? 'Switch to light' : 'Switch to dark'}>
      <Icon name={dark ? 'sun' : 'moon'} size={18} />
    </button>
  )
}
