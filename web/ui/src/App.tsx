import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { go, sceneHref, useAddress } from './data/address'
import { useAsk } from './data/ask'
import { type Project, ProjectContext, projectQuery } from './data/model'
import { AlarmsPage } from './pages/AlarmsPage'
import { EntityPage } from './pages/EntityPage'
import { ExplorePage } from './pages/ExplorePage'
import { QueryPage } from './pages/QueryPage'
import { ScenePage } from './pages/ScenePage'
import { ScenesPage } from './pages/ScenesPage'
import { Command } from './panel/Command'
import { Link } from './panel/Link'
import { Failed, Notice, Waiting } from './panel/Notice'
import { Rail } from './panel/Rail'
import { TopBar } from './panel/TopBar'

const refresh = 15_000 // ms; a new model or scene is seen at the latest then

/** The frame of the application: rail, bar, the page of the address, and the search over all of it. */
export function App() {
  const project = useAsk<Project>(projectQuery, {}, refresh)
  const [searching, setSearching] = useState(false)
  const close = useCallback(() => setSearching(false), [])
  const open = useCallback(() => setSearching(true), [])
  useShortcut(open)
  if (!project.data) return <div className="start">{project.error ? <Failed what="The service cannot be reached" error={project.error} again={project.again} /> : <Waiting what="Asking the service what there is" rows={8} />}</div>
  return (
    <ProjectContext value={project.data}>
      <a className="skip" href="#page">Skip to the page</a>
      <div className="frame">
        <Rail />
        <TopBar crumbs={<Crumbs />} search={open} />
        <div id="page" className="content" tabIndex={-1}><Page project={project.data} /></div>
      </div>
      {searching && <Command close={close} />}
    </ProjectContext>
  )
}

function useShortcut(open: () => void): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      open()
    }
    addEventListener('keydown', key)
    return () => removeEventListener('keydown', key)
  }, [open])
}

function Page({ project }: { project: Project }): ReactNode {
  const { path } = useAddress()
  const [area, id] = path
  const only = !area && project.scenes.length > 0 ? project.scenes[0] : undefined
  useEffect(() => { if (!area) go(only ? sceneHref(only.id) : project.scenes.length === 0 ? '/explore' : '/scenes', true) }, [area, only, project])
  useEffect(() => { document.title = title(project, path) }, [project, path])
  switch (area) {
    case undefined: return null
    case 'scenes': return id ? <ScenePage key={id} id={id} /> : <ScenesPage />
    case 'explore': return <ExplorePage />
    case 'entities': return id ? <EntityPage key={id} id={id} /> : <ExplorePage />
    case 'alarms': return <AlarmsPage />
    case 'query': return <QueryPage />
    default: return <main className="page"><Notice title="There is no such page" action={<Link className="button" href="/">Go to the start</Link>}>The address is {location.pathname}.</Notice></main>
  }
}

const words: Readonly<Record<string, string>> = { scenes: 'Scenes', explore: 'Explore', entities: 'Explore', alarms: 'Alarms', query: 'Query' }

function Crumbs() {
  const { path } = useAddress()
  const [area = '', id] = path
  const word = words[area]
  if (!word) return null
  return (
    <nav aria-label="Where you are" className="where">
      <span className="step"><Link href={area === 'entities' ? '/explore' : `/${area}`}>{word}</Link></span>
      {id && area === 'scenes' && <SceneName id={id} />}
    </nav>
  )
}

function SceneName({ id }: { id: string }) {
  return <ProjectContext.Consumer>{(project) => <span className="step" aria-current="page">{project?.scenes.find((scene) => scene.id === id)?.title || id}</span>}</ProjectContext.Consumer>
}

function title(project: Project, path: string[]): string {
  const [area = '', id] = path
  const scene = area === 'scenes' ? project.scenes.find((one) => one.id === id)?.title : undefined
  return [scene ?? (area === 'entities' ? id : words[area]), project.server.project, 'Mereon'].filter(Boolean).join(' · ')
}
