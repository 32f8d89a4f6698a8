import { createStore, useStore } from './store'

/** Where the page is: the address bar is the only place that knows, so that every view can be shared and Back works. */
export interface Address { path: string[]; query: URLSearchParams }

const current = createStore(read())

function read(): Address {
  const { pathname, search } = globalThis.location ?? { pathname: '/', search: '' }
  return { path: pathname.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(search) }
}

globalThis.addEventListener?.('popstate', () => current.set(read()))

export function useAddress(): Address { return useStore(current) }
export function address(): Address { return current.get() }

/** Goes to an address of the application. The query page has a policy of its own and is always loaded anew. */
export function go(to: string, replace = false): void {
  const here = location.pathname + location.search
  if (to === here) return
  if (to.split('?')[0] === '/query' && location.pathname !== '/query') return location.assign(to)
  if (location.pathname === '/query' && to.split('?')[0] !== '/query') return location.assign(to)
  history[replace ? 'replaceState' : 'pushState'](null, '', to)
  current.set(read())
}

/** Changes some of the query, keeps the rest; null takes one out. */
export function amend(changes: Record<string, string | null>, replace = false): void {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  go(location.pathname + (text ? `?${text}` : ''), replace)
}

/** The address of an entity's page. */
export function entityHref(id: string): string { return `/entities/${encodeURIComponent(id)}` }
export function sceneHref(id: string, query: Record<string, string> = {}): string {
  const text = new URLSearchParams(query).toString()
  return `/scenes/${encodeURIComponent(id)}${text ? `?${text}` : ''}`
}
