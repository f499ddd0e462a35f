import type { Audit, AuditLine } from '../answers.ts'
import { useLive } from '../live.ts'
import { Link } from '../parts/link.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { addressOf, type Place } from '../router.ts'
import { sayMany } from '../say.ts'

/** Who did what, the newest first. */
export function AuditPage({ place: { params } }: { place: Place }) {
  const queue = params.get('queue') ?? ''
  const before = params.get('before') ?? ''
  const live = useLive<Audit>(addressOf('audit', { ...(queue && { queue }), ...(before && { before }) }))
  return (
    <>
      {queue && (
        <p>
          Of the queue {queue}. <Link to='/audit'>Show all</Link>
        </p>
      )}
      <Shown live={live}>
        {({ acts, next }) =>
          acts.length === 0
            ? <Empty title='Nothing was done'>Pauses, retries, limits, secrets and access are written down here.</Empty>
            : (
              <>
                <div class='scroll' tabIndex={0} role='region' aria-label='Audit'>
                  <table class='cards'>
                    <thead>
                      <tr>
                        <th scope='col'>What</th>
                        <th scope='col'>Queue</th>
                        <th scope='col'>Who</th>
                        <th scope='col'>When</th>
                        <th scope='col'>Before</th>
                        <th scope='col'>After</th>
                      </tr>
                    </thead>
                    <tbody>{acts.map((act) => <Row key={act.id} act={act} />)}</tbody>
                  </table>
                </div>
                {next !== null && (
                  <p>
                    <Link to='/audit' params={{ ...(queue && { queue }), before: String(next) }}>Earlier</Link>
                  </p>
                )}
              </>
            )}
      </Shown>
    </>
  )
}

function Row({ act }: { act: AuditLine }) {
  return (
    <tr>
      <th scope='row'>
        {act.act}
        {act.job !== null && (
          <div>
            <Link to={`/jobs/${act.job}`}>job {act.job}</Link>
          </div>
        )}
        {act.jobs !== null && <div class='quiet'>{sayMany(act.jobs, 'job')}</div>}
      </th>
      <td data-label='Queue'>
        {act.queue_name === null ? '–' : <Link to='/audit' params={{ queue: act.queue_name }}>{act.queue_name}</Link>}
      </td>
      <td data-label='Who'>
        {act.person ?? act.subject ?? act.role}
        <div class='quiet'>
          {[act.person !== null || act.subject !== null ? act.role : null, act.application].filter(Boolean).join(', ')}
        </div>
      </td>
      <td data-label='When' class='nowrap'>
        <Time at={act.at} />
      </td>
      <td data-label='Before' class='wide'>{fields(act.before)}</td>
      <td data-label='After' class='wide'>{fields(act.after)}</td>
    </tr>
  )
}

const fields = (values: Record<string, unknown> | null): string =>
  values === null
    ? '–'
    : Object.entries(values).map(([name, value]) =>
      `${name.replaceAll('_', ' ')}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
    ).join(', ')
