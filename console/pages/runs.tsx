import type { Process, Run, Runs } from '../answers.ts'
import { useLive } from '../live.ts'
import { QueueLink } from '../parts/queue_link.tsx'
import { SortHead } from '../parts/sort.tsx'
import { type Columns, down, sorted, up } from '../sorted.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import type { Place } from '../router.ts'
import { sayCount, sayHour, sayMany, sayNumber, saySpan } from '../say.ts'

const COLUMNS: Columns<Run> = {
  queue: ({ queue_name }) => queue_name,
  led: ({ led_since }) => led_since === null ? null : Date.parse(led_since),
  turns: ({ turns }) => turns,
  calls: ({ calls }) => calls,
}

const callsOf = (runs: Run[]): number => runs.reduce((sum, { calls }) => sum + calls, 0)

/** Who calls: the runs of the dispatcher that are awake, what became of the wake-ups, and the sweep. */
export function RunsPage({ place }: { place: Place }) {
  const live = useLive<Runs>('runs')
  return (
    <Shown live={live}>
      {({ runs, processes, dispatch, sweep, hours }) => (
        <>
          <dl class='tiles' aria-label='The dispatcher'>
            <div>
              <dt>Runs awake</dt>
              <dd>{sayCount(new Set(runs.flatMap(({ run }) => run ?? [])).size)}</dd>
              <dd>{sayMany(runs.filter(({ leads }) => leads).length, 'queue')} led</dd>
            </div>
            <div>
              <dt>Calls in flight</dt>
              <dd>{sayCount(callsOf(runs.filter(({ run }) => run !== null)))}</dd>
              <dd>{sayMany(callsOf(runs.filter(({ run }) => run === null)), 'job')} claimed, waiting for a run</dd>
            </div>
            <div>
              <dt>Last wake-up</dt>
              <dd class={dispatch?.refused_since ? 'bad' : ''}>
                {dispatch?.refused_since ? 'refused' : dispatch?.accepted_at ? 'accepted' : '–'}
              </dd>
              <dd>
                <Time
                  at={dispatch?.refused_since ? dispatch.refused_at : dispatch?.accepted_at ?? null}
                  none='none yet'
                />
              </dd>
            </div>
            <div>
              <dt>Sweep</dt>
              <dd>{sweep ? saySpan(sweep.ms) : '–'}</dd>
              <dd>
                <Time at={sweep?.swept_at ?? null} none='never ran' />
              </dd>
            </div>
          </dl>
          {dispatch?.refused_since && (
            <div class='trouble' role='alert'>
              <strong>
                Wake-ups are refused{dispatch.status !== null && ` (${dispatch.status})`}:{' '}
                {dispatch.message ?? 'no reason given'}
              </strong>
              <p>
                {dispatch.hint} {sayMany(dispatch.refusals, 'refusal')} since <Time at={dispatch.refused_since} />.
              </p>
              {dispatch.code && <code>{dispatch.code}</code>}
            </div>
          )}
          <h2>Runs</h2>
          {runs.length === 0
            ? (
              <Empty title='No run is awake'>
                A run wakes with the next job that is due, and sleeps when there is none.
              </Empty>
            )
            : (
              <div class='scroll' tabIndex={0} role='region' aria-label='Runs'>
                <table class='cards'>
                  <thead>
                    <tr>
                      <SortHead place={place} orders={up('queue')}>Queue</SortHead>
                      <th scope='col'>Run</th>
                      <SortHead place={place} orders={up('led')}>Leads since</SortHead>
                      <SortHead place={place} orders={down('turns')} number>Turns</SortHead>
                      <th scope='col'>Leads until</th>
                      <SortHead place={place} orders={down('calls')} number>Jobs claimed</SortHead>
                      <th scope='col'>Oldest call since</th>
                      <th scope='col'>First lease</th>
                    </tr>
                  </thead>
                  <tbody>
                    {sorted(runs, COLUMNS, place).map((one) => (
                      <tr key={`${one.queue_name} ${one.run}`}>
                        <th scope='row'>
                          <QueueLink name={one.queue_name} />
                        </th>
                        <td data-label='Run'>
                          {one.run === null ? <span class='quiet'>no run yet</span> : <code>{one.run}</code>}
                        </td>
                        <td data-label='Leads since' class='nowrap'>
                          {one.leads ? <Time at={one.led_since} /> : '–'}
                        </td>
                        <td data-label='Turns' class='n'>{one.turns === null ? '–' : sayCount(one.turns)}</td>
                        <td data-label='Leads until' class='nowrap'>
                          {one.leads
                            ? (
                              <span class={one.silent ? 'bad' : ''}>
                                <Time at={one.awake_until} />
                                {one.silent && ', silent'}
                              </span>
                            )
                            : '–'}
                        </td>
                        <td data-label='Jobs claimed' class='n'>{sayCount(one.calls)}</td>
                        <td data-label='Oldest call since' class='nowrap'>
                          <Time at={one.since} />
                        </td>
                        <td data-label='First lease' class='nowrap'>
                          <Time at={one.lease_until} ahead='ends' past='ran out' />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          {processes.length > 0 && <Processes processes={processes} />}
          {hours.length > 0 && (
            <>
              <h2>Last hours</h2>
              <div class='scroll' tabIndex={0} role='region' aria-label='Last hours'>
                <table>
                  <thead>
                    <tr>
                      <th scope='col'>Hour</th>
                      <th scope='col' class='n'>Jobs started</th>
                      <th scope='col' class='n'>Leases lost</th>
                    </tr>
                  </thead>
                  <tbody>
                    {hours.map(({ at, begun, leases_lost }) => (
                      <tr key={at}>
                        <th scope='row'>{sayHour(at)}</th>
                        <td class='n'>{sayNumber(begun)}</td>
                        <td class={leases_lost ? 'n bad' : 'n'}>{sayNumber(leases_lost)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </>
          )}
        </>
      )}
    </Shown>
  )
}

/** Processes that stay: which live, since when, what each serves and leads. */
function Processes({ processes }: { processes: Process[] }) {
  return (
    <>
      <h2>Processes</h2>
      <div class='scroll' tabIndex={0} role='region' aria-label='Processes'>
        <table class='cards'>
          <thead>
            <tr>
              <th scope='col'>Process</th>
              <th scope='col'>State</th>
              <th scope='col'>Began</th>
              <th scope='col'>Serves</th>
              <th scope='col'>Leads</th>
            </tr>
          </thead>
          <tbody>
            {processes.map(({ id, name, begun_at, heard_until, alive, missed, queues, functions, leads, leading }) => (
              <tr key={id}>
                <th scope='row'>{name || <code>{id}</code>}</th>
                <td data-label='State' class={missed ? 'bad nowrap' : 'nowrap'}>
                  {alive ? 'alive' : (
                    <>
                      silent since <Time at={heard_until} />
                      {!missed && ', replaced'}
                    </>
                  )}
                </td>
                <td data-label='Began' class='nowrap'>
                  <Time at={begun_at} />
                </td>
                <td data-label='Serves'>
                  {queues === null ? 'all queues' : queues.join(', ')}
                  {!functions && <span class='quiet'>, URLs only</span>}
                </td>
                <td data-label='Leads'>
                  {leads === 0 ? '–' : <Led names={leading} all={leads} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

const NAMED = 5

function Led({ names, all }: { names: string[]; all: number }) {
  return (
    <>
      {names.slice(0, NAMED).map((name, i) => (
        <span key={name}>
          {i > 0 && ', '}
          <QueueLink name={name} />
        </span>
      ))}
      {all > NAMED && <span class='quiet'>{` and ${sayNumber(all - NAMED)} more`}</span>}
    </>
  )
}
