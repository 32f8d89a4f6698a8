import { useAddress } from '../data/address'
import { useAlarms } from '../data/alarms'
import { severityIcon, worstSeverity } from '../data/states'
import { Icon, type IconName } from './Icon'
import { Link } from './Link'

const places: readonly { name: IconName; word: string; href: string; areas: string[] }[] = [
  { name: 'scenes', word: 'Scenes', href: '/scenes', areas: ['scenes'] },
  { name: 'explore', word: 'Explore', href: '/explore', areas: ['explore', 'entities'] },
  { name: 'alarms', word: 'Alarms', href: '/alarms', areas: ['alarms'] },
  { name: 'query', word: 'Query', href: '/query', areas: ['query'] },
]

/** The pages there are, each with icon and word; alarms say how many are active, in the colour of the worst. */
export function Rail() {
  const { path } = useAddress()
  const alarms = useAlarms().data?.alarms ?? []
  const worst = worstSeverity(alarms)
  return (
    <nav className="rail" aria-label="Pages">
      <Link className="mark" href="/" aria-label="Mereon, start"><img src="/mark.svg" alt="" width="28" height="28" /></Link>
      {places.map(({ name, word, href, areas }) => (
        <Link key={name} href={href} className="place" aria-current={areas.includes(path[0] ?? 'scenes') ? 'page' : undefined}>
          <Icon name={name} />
          <span>{word}</span>
          {name === 'alarms' && worst && <b className={`badge is-${severityIcon(worst)}`} aria-label={`${alarms.length} active, the worst ${worst.toLowerCase()}`}>{alarms.length}</b>}
        </Link>
      ))}
    </nav>
  )
}
