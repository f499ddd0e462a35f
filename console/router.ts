import { useEffect, useState } from 'preact/hooks'

/** What the address names: a view, and how it is filtered. */
export type Place = { path: string; params: URLSearchParams }

const MOVED = 'supaqueue:moved'

const here = (): Place => ({ path: location.pathname, params: new URLSearchParams(location.search) })

/** Where we are; whoever uses it is drawn anew when that changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(here)
  useEffect(() => {
    const moved = () => setPlace(here())
    addEventListener('popstate', moved)
    addEventListener(MOVED, moved)
    return () => {
      removeEventListener('popstate', moved)
      removeEventListener(MOVED, moved)
    }
  }, [])
  return place
}

/** Goes to a view. `replace` leaves no step to go back to. */
export function go(path: string, params: Params = {}, how: 'push' | 'replace' = 'push'): void {
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', addressOf(path, params))
  dispatchEvent(new Event(MOVED))
}

export type Params = URLSearchParams | Record<string, string | number | null | undefined>

/** The address of a view; what is empty is left out. */
export function addressOf(path: string, params: Params = {}): string {
  const entries = params instanceof URLSearchParams ? [...params] : Object.entries(params)
  const named = entries.filter(([, value]) => value !== undefined && value !== null && value !== '')
  const query = new URLSearchParams(named.map(([name, value]) => [name, String(value)])).toString()
  return query ? `${path}?${query}` : path
}
