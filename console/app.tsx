import { useEffect, useRef } from 'preact/hooks'
import type { Findings, Me } from './answers.ts'
import { FindingsContext } from './findings.ts'
import { useLive } from './live.ts'
import { MeContext } from './me.ts'
import { HealthBadge } from './parts/findings.tsx'
import { FindJob } from './parts/find_job.tsx'
import { Icon } from './parts/icon.tsx'
import { Keyboard } from './parts/keyboard.tsx'
import { Link } from './parts/link.tsx'
import { Empty, Trouble } from './parts/states.tsx'
import { ThemeChoice } from './parts/theme.tsx'
import { Toast } from './parts/toast.tsx'
import { usePlace } from './router.ts'
import { viewAt, views } from './views.ts'
import { visible } from './visible.ts'

/** The frame around every view. */
export function App() {
  const place = usePlace()
  const view = viewAt(place.path)
  const { data: me, error } = useLive<Me>('me')
  const findings = useLive<Findings>('findings')
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)
  // What stands above a page, and whether its buttons are there, is known before it shows: it does not move under a pointer.
  const settled = (me ?? error) !== undefined && (findings.data ?? findings.error) !== undefined
  const id = view && view.path !== '/' && view.path.endsWith('/') ? decode(place.path.slice(view.path.length)) : ''
  const title = view ? `${view.title}${id && ` ${id}`}` : 'Nothing here'

  useEffect(() => {
    document.title = visible(`${title} – supaqueue`)
    // Who follows a link by keyboard goes on reading from there; who opens the page begins at its top.
    if (!first.current) heading.current?.focus()
    first.current = false
  }, [place.path])

  return (
    <MeContext.Provider value={me ?? { database: '', readOnly: true }}>
      <a class='skip' href='#main'>Skip to the content</a>
      <header class='top'>
        <span class='brand'>
          <Icon name='logo' /> supaqueue
        </span>
        <nav aria-label='Pages'>
          {menu.map(({ title, path }) => (
            <Link key={path} to={path} aria-current={isUnder(place.path, path) ? 'page' : undefined}>
              <Icon name={path} /> {title}
            </Link>
          ))}
        </nav>
        <FindJob />
        <ThemeChoice />
      </header>
      <FindingsContext.Provider value={findings.data?.findings}>
        <HealthBadge />
        <main id='main'>
          <h1 ref={heading} tabIndex={-1}>{title}</h1>
          {error && !me && <Trouble error={error} />}
          <div hidden={!settled}>
            {view ? <view.Page place={place} key={view.path} /> : (
              <Empty title='There is no such page'>
                <Link to='/'>To the overview</Link>
              </Empty>
            )}
          </div>
        </main>
      </FindingsContext.Provider>
      <footer class='quiet'>
        {me && `${me.database}${me.readOnly ? ' · read only' : ''}`}
      </footer>
      <Keyboard goals={menu} />
      <Toast />
    </MeContext.Provider>
  )
}

const menu = views.filter(({ path }) => !path.endsWith('/') || path === '/')

/** What a path says; a path that says nothing sensible stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// A queue is one of the overview.
const isUnder = (path: string, page: string) => path === page || path.startsWith(page === '/' ? '/queues/' : `${page}/`)
