import { sceneHref } from '../data/address'
import { useProject } from '../data/model'
import { Icon } from '../panel/Icon'
import { Link } from '../panel/Link'
import { Notice } from '../panel/Notice'

/** The scenes of the project. */
export function ScenesPage() {
  const { scenes } = useProject()
  if (scenes.length === 0) return <main className="page"><Notice title="No scenes yet">A scene joins a 3D document with entities. Write one as a file in scenes/ and apply the project, or import a TwinMaker workspace with <code>mereon import twinmaker</code>.</Notice></main>
  return (
    <main className="page">
      <h1>Scenes</h1>
      <ul className="cards">
        {scenes.map((scene) => (
          <li key={scene.id}>
            <Link className="card-link" href={sceneHref(scene.id)}>
              <Icon name="scenes" size={28} />
              <span className="card-title">{scene.title || scene.id}</span>
              <span className="muted">{scene.entities.length} entities{scene.views.length > 0 && ` · ${scene.views.length} views`}{scene.problems.length > 0 && ` · ${scene.problems.length} ${scene.problems.length === 1 ? 'problem' : 'problems'}`}</span>
            </Link>
          </li>
        ))}
      </ul>
    </main>
  )
}
