import type { Health } from '../answers.ts'
import { useLive } from '../live.ts'
import { FindingList } from '../parts/findings.tsx'
import { Aside } from '../parts/aside.tsx'
import { Shown } from '../parts/states.tsx'
import { sayMany } from '../say.ts'

/** What the database knows about itself; what doctor says: each link of the chain that a job travels, and what fixes those that are broken. Then what was set aside. */
export function HealthPage() {
  const live = useLive<Health>('health')
  return (
    <>
      <FindingList />
      <h2>Checks</h2>
      <Shown live={live}>
        {({ checks }) => {
          const broken = checks.filter(({ ok, skipped }) => !ok && !skipped).length
          return (
            <>
              <p role='status'>
                {broken === 0 ? 'All is well.' : `${sayMany(broken, 'thing')} to fix.`}{' '}
                <span class='quiet'>
                  The round trip of a test job is made by <code>pnpm supaqueue:doctor</code> alone.
                </span>
              </p>
              <ul class='checks'>
                {checks.map(({ name, ok, skipped, detail, fix }) => (
                  <li key={name} class={ok ? 'ok' : skipped ? 'skipped' : 'broken'}>
                    <strong>{ok ? '✓' : skipped ? '–' : '✗'} {name}</strong>
                    <span class='hidden'>{ok ? 'is well:' : skipped ? 'was not tried:' : 'is broken:'}</span>
                    <span>{detail}</span>
                    {fix && !ok && <code>{fix}</code>}
                  </li>
                ))}
              </ul>
            </>
          )
        }}
      </Shown>
      <Aside />
    </>
  )
}
