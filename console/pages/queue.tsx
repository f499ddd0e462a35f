import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Failures, QueuePage as Answer } from '../answers.ts'
import { asItIsNow, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { LastDay, LastHour } from '../parts/activity.tsx'
import { Brakes, Outlook, Workers } from '../parts/brakes.tsx'
import { EnqueueDialog } from '../parts/enqueue.tsx'
import { EditSettings } from '../parts/settings.tsx'
import { Link } from '../parts/link.tsx'
import { type QueueAsked, QueueButtons, QueueDialog } from '../parts/queue_acts.tsx'
import { Backlog } from '../parts/spark.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Tiles } from '../parts/tiles.tsx'
import { Time } from '../parts/time.tsx'
import { addressOf, type Place } from '../router.ts'
import { sayCount, sayMany } from '../say.ts'

/** One queue: how it does, what holds it back, what feeds it, what it fails of, and how it is set. */
export function QueuePage({ place }: { place: Place }) {
  // The path is as the browser keeps it: encoded, unless somebody typed it.
  const name = decodeURIComponent(place.path.slice('/queues/'.length))
  const live = useLive<Answer>(addressOf('queue', { name }))
  const [open, setOpen] = useState<QueueAsked>()
  const [enqueuing, setEnqueuing] = useState(false)
  const mayAct = useMayAct()
  const asked = open && asItIsNow(open.queue, live.data && [live.data.queue], ({ queue }) => queue === open.queue.queue)
  return (
    <>
      <Shown live={live}>
        {({ queue, settings, day, workers, feeds, leader }) => (
          <>
            <div class='lead'>
              <div>
                <p>
                  Calls <code>{queue.target}</code>
                  {queue.mode === 'pull' && ': its consumers pull'}
                </p>
                <Brakes queue={queue} />
              </div>
              <div class='buttons'>
                <button type='button' class='primary' disabled={!mayAct} onClick={() => setEnqueuing(true)}>
                  Enqueue a job
                </button>
                <QueueButtons queue={queue} open={setOpen} />
              </div>
            </div>
            <Tiles queues={[queue]} label={`The queue ${queue.name}`} />
            <p class='links'>
              <Link to='/jobs' params={{ queue: queue.name }}>All jobs</Link>
              <Link to='/jobs' params={{ queue: queue.name, status: 'pending' }}>
                {sayCount(queue.waiting)} waiting
              </Link>
              <Link to='/failures' params={{ queue: queue.name }}>{sayCount(queue.failed)} failed</Link>
              <Link to='/audit' params={{ queue: queue.name }}>Audit log</Link>
            </p>
            <LastHour spark={queue.spark} label={queue.name} />
            <LastDay spark={day} label={queue.name} />
            {queue.due > 0 && (
              <section aria-labelledby='backlog'>
                <h2 id='backlog'>Backlog</h2>
                <p>
                  {sayMany(queue.due, 'job')} due, the oldest <Time at={queue.oldest_due} />.
                </p>
                <Outlook queue={queue} />
                <Backlog spark={queue.spark} label={queue.name} />
              </section>
            )}
            <Causes queue={queue.name} />
            <section aria-labelledby='workers'>
              <h2 id='workers'>Workers</h2>
              <div class='worker-count'>
                <Workers queue={queue} />
              </div>
              <WorkerTable workers={workers} all={queue.workers} />
              <p class='quiet'>
                {leader?.run
                  ? (
                    <>
                      Run <code>{leader.run.slice(0, 8)}</code> leads; its heartbeat is good until{' '}
                      <Time at={leader.awake_until} />.
                    </>
                  )
                  : 'No run is awake for it.'} Last woken <Time at={leader?.woken_at ?? null} none='never' />.{' '}
                <Link to='/dispatcher'>All runs</Link>
              </p>
            </section>
            <Feeds feeds={feeds} name={queue.name} />
            <Settings name={queue.name} settings={settings} />
          </>
        )}
      </Shown>
      {asked && <QueueDialog asked={{ ...open!, queue: asked }} onClose={() => setOpen(undefined)} />}
      {enqueuing && <EnqueueDialog queue={name} onClose={() => setEnqueuing(false)} />}
    </>
  )
}

/** What its jobs failed of, the most frequent first. */
function Causes({ queue }: { queue: string }) {
  const { data } = useLive<Failures>(addressOf('failures', { queue }))
  const groups = data?.groups ?? []
  if (groups.length === 0) return null
  return (
    <section aria-labelledby='causes'>
      <h2 id='causes'>What failed</h2>
      <ul class='causes'>
        {groups.slice(0, 5).map(({ fingerprint, jobs, last_seen, example_job }) => (
          <li key={fingerprint}>
            <strong class='n'>{sayCount(jobs)}</strong>
            <span class='wide'>{fingerprint}</span>
            <span class='quiet'>
              last <Time at={last_seen} />, such as <Link to={`/jobs/${example_job}`}>job {example_job}</Link>
            </span>
          </li>
        ))}
      </ul>
      <p>
        <Link to='/failures' params={{ queue }}>
          {groups.length > 5 ? `All ${groups.length} causes and actions` : 'Retry or discard them'}
        </Link>
      </p>
    </section>
  )
}

function WorkerTable({ workers, all }: { workers: Answer['workers']; all: number }) {
  const busy = workers.filter(({ job }) => job !== null)
  if (busy.length === 0) return null
  return (
    <>
      <div class='scroll' tabIndex={0} role='region' aria-label='Workers that have a job'>
        <table class='cards'>
          <thead>
            <tr>
              <th scope='col'>Job</th>
              <th scope='col'>Called since</th>
              <th scope='col'>Lease</th>
              <th scope='col'>Run</th>
              <th scope='col'>Worker</th>
            </tr>
          </thead>
          <tbody>
            {busy.map((worker) => (
              <tr key={worker.id}>
                <th scope='row'>
                  <Link to={`/jobs/${worker.job}`}>{String(worker.job)}</Link>
                </th>
                <td data-label='Called since' class='nowrap'>
                  <Time at={worker.begun_at} none='not yet' />
                </td>
                <td data-label='Lease' class='nowrap'>
                  <Time at={worker.lease_until} ahead='ends' past='ran out' />
                </td>
                <td data-label='Run'>
                  <code>{worker.run?.slice(0, 8) ?? 'none yet'}</code>
                </td>
                <td data-label='Worker'>
                  <code>{worker.id.slice(0, 8)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all > workers.length && <p class='quiet'>The first {workers.length} of {sayCount(all)} workers.</p>}
    </>
  )
}

const KINDS: Record<Answer['feeds'][number]['kind'], string> = {
  access: 'Users of the app',
  hook: 'Changes of a table',
  schedule: 'By the clock',
  subscription: 'Subscribed to',
}

function Feeds({ feeds, name }: { feeds: Answer['feeds']; name: string }) {
  return (
    <section aria-labelledby='feeds'>
      <h2 id='feeds'>Where its jobs come from</h2>
      {feeds.length === 0
        ? (
          <Empty title='Only direct enqueues'>
            No schedule, row hook, subscription or access of users leads here. In SQL:{' '}
            <code>select supaqueue.enqueue({`'${name.replaceAll("'", "''")}'`}, '{'{}'}');</code>
          </Empty>
        )
        : (
          <ul class='feeds'>
            {feeds.map((feed) => (
              <li key={`${feed.kind} ${feed.name}`}>
                <span class='quiet'>{KINDS[feed.kind]}</span> <strong>{feed.name}</strong>
                {feed.detail && <code>{feed.detail}</code>}
                {!feed.enabled && <span class='brake'>switched off</span>}
              </li>
            ))}
          </ul>
        )}
    </section>
  )
}

function Settings({ name, settings }: { name: string; settings: Record<string, unknown> }) {
  const set = Object.entries(settings).filter(([, value]) =>
    value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  )
  return (
    <section aria-labelledby='settings'>
      <div class='lead'>
        <h2 id='settings'>Settings</h2>
        <EditSettings queue={name} settings={settings} />
      </div>
      <dl class='facts settings'>
        {set.map(([name, value]) => (
          <Setting key={name} name={name}>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</Setting>
        ))}
      </dl>
      <p class='quiet'>
        Headers are shown by name only, signing secrets by their number. Where calls go and what they carry is changed
        in SQL: <code>update supaqueue.queue set …</code>
      </p>
    </section>
  )
}

const Setting = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
