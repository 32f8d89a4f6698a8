import { useAddress } from '../data/address'
import { useAlarms } from '../data/alarms'
import { Icon, type IconName } from './Icon'
import { Link } from './Link'

const places: readonly { name: IconName; word: string; href: string; areas: string[] }[] = [
  { name: 'scenes', word: 'Scenes', href: '/scenes', areas: ['scenes'] },
  { name: 'explore', word: 'Explore', href: '/explore', areas: ['explore', 'entities'] },
  { name: 'alarms', word: 'Alarms', href: '/alarms', areas: ['alarms'] },
  { name: 'query', word: 'Query', href: '/query', areas: ['query'] },
]

/** The pages there are, each with icon and word; alarms say how many are active. */
export function Rail() {
  const { path } = useAddress()
  const active = useAlarms().data?.alarms.length ?? 0
  return (
    <nav className="rail" aria-label="Pages">
      <Link className="mark" href="/" aria-label="Mereon, start"><img src="/mark.svg" alt="" width="28" height="28" /></Link>
      {places.map(({ name, word, href, areas }) => (
        <Link key={name} href={href} className="place" aria-current={areas.includes(path[0] ?? 'scenes') ? 'page' : undefined}>
          <Icon name={name} />
          <span>{word}</span>
          {name === 'alarms' && active > 0 && <b className="badge" aria-label={`${active} active`}>{active}</b>}
        </Link>
      ))}
    </nav>
  )
}
