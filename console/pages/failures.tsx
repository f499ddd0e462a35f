import { useState } from 'preact/hooks'
import type { FailedFilter, FailureGroup, Failures } from '../answers.ts'
import { jsonTextOf } from '../json.ts'
import { asItIsNow, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { BulkFollowed, describeFilter, RecentBulks } from '../parts/bulk.tsx'
import { type FailedAct, FailedActDialog, type Meant } from '../parts/failed_acts.tsx'
import { FilterForm, PayloadField, QueueChoice } from '../parts/filter_form.tsx'
import { Link } from '../parts/link.tsx'
import { QueueLink } from '../parts/queue_link.tsx'
import { SortHead } from '../parts/sort.tsx'
import { type Columns, down, sorted, up } from '../sorted.ts'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { Trend } from '../parts/trend.tsx'
import { addressOf, type Place } from '../router.ts'
import { sayCount, sayMany, sayNumber } from '../say.ts'

type Open = { what: FailedAct; meant: Meant; group?: FailureGroup }

const COLUMNS: Columns<FailureGroup> = {
  error: ({ fingerprint }) => fingerprint,
  queue: ({ queue_name }) => queue_name,
  jobs: ({ jobs }) => jobs,
  first: ({ first_seen }) => Date.parse(first_seen),
  last: ({ last_seen }) => Date.parse(last_seen),
}

/** What jobs failed of, the most frequent first; a group, a queue, or all that a filter fits are acted on as one. */
export function FailuresPage({ place }: { place: Place }) {
  const { params } = place
  const filter = filterOf(params)
  const queue = params.get('queue') || null
  const live = useLive<Failures>(addressOf('failures', { queue, filter: JSON.stringify(filter) }))
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const groups = live.data?.groups
  const now = open?.group && asItIsNow(open.group, groups, (group) => keyOf(group) === keyOf(open.group!))
  const narrowed = queue !== null || Object.keys(filter).length > 0
  const action = params.get('action')
  return (
    <>
      <FilterForm place={place} to='/failures' queues={live.data?.queues ?? []} keep={['action', 'sort']}>
        <QueueChoice place={place} queues={live.data?.queues ?? []} />
        <label>
          Error contains
          <input name='error' autoComplete='off' />
        </label>
        <PayloadField />
        <label>
          Failed since
          <input type='datetime-local' name='since' />
        </label>
        <label>
          Failed until
          <input type='datetime-local' name='until' />
        </label>
      </FilterForm>
      {action && (
        <BulkFollowed
          key={action}
          action={action}
          place={place}
          retry={(meant) => setOpen({ what: 'retry', meant })}
        />
      )}
      <Shown live={live}>
        {({ groups, most }) =>
          groups.length === 0
            ? (
              <Empty title={narrowed ? 'No failed job matches' : 'No job has failed'}>
                {narrowed ? 'Change the filter, or clear it.' : 'Failed jobs are grouped here by their error.'}
              </Empty>
            )
            : (
              <>
                {narrowed && (
                  <AllThatFit
                    jobs={groups.reduce((sum, group) => sum + group.jobs, 0)}
                    groups={groups.length}
                    open={(what, jobs) =>
                      setOpen({ what, meant: { queue, filter, description: describeFilter(filter), jobs } })}
                  />
                )}
                <div class='scroll' tabIndex={0} role='region' aria-label='Failures'>
                  <table class='cards'>
                    <thead>
                      <tr>
                        <SortHead place={place} orders={up('error')}>Cause</SortHead>
                        <SortHead place={place} orders={up('queue')}>Queue</SortHead>
                        <SortHead place={place} orders={down('jobs')} number>Jobs</SortHead>
                        <th scope='col'>Last 24 hours</th>
                        <SortHead place={place} orders={down('first')}>First seen</SortHead>
                        <SortHead place={place} orders={down('last')}>Last seen</SortHead>
                        <th scope='col'>Actions</th>
                      </tr>
                    </thead>
                    <tbody>
                      {sorted(groups, COLUMNS, place).map((group) => (
                        <Row
                          key={keyOf(group)}
                          group={group}
                          open={(what) => setOpen({ what, group, meant: meantBy(group, filter) })}
                        />
                      ))}
                    </tbody>
                  </table>
                </div>
                <p class='quiet'>Counts cover the newest {sayNumber(most)} failed jobs of each queue.</p>
              </>
            )}
      </Shown>
      <RecentBulks />
      {open && (
        <FailedActDialog
          what={open.what}
          meant={now ? { ...open.meant, jobs: now.jobs } : open.meant}
          onClose={close}
        />
      )}
    </>
  )
}

const keyOf = ({ queue, fingerprint }: FailureGroup) => `${queue} ${fingerprint}`

const meantBy = ({ queue_name, fingerprint, jobs }: FailureGroup, filter: FailedFilter): Meant => ({
  queue: queue_name,
  filter: { ...filter, fingerprint },
  description: describeFilter({ fingerprint, ...filter }),
  jobs,
})

/** The filter of an address, as the database takes it. JSON that is none is refused there. */
function filterOf(params: URLSearchParams): FailedFilter {
  const filter: FailedFilter = {}
  for (const name of ['error', 'where', 'since', 'until']) {
    const value = params.get(name)
    if (value) filter[name] = value
  }
  const payload = params.get('payload')
  // A word is what some text of the payload is; asked for as a text, it is found where the payload is one.
  if (payload) filter.payload = jsonTextOf(payload)
  return filter
}

type AllProps = { jobs: number; groups: number; open: (what: FailedAct, jobs: number) => void }

function AllThatFit({ jobs, groups, open }: AllProps) {
  const mayAct = useMayAct()
  return (
    <div class='chosen buttons' role='group' aria-label='What to do with all matches'>
      <span>
        {sayMany(jobs, 'failed job')} {jobs === 1 ? 'matches' : 'match'}, with {sayMany(groups, 'cause')}
      </span>
      <button type='button' disabled={!mayAct} onClick={() => open('canary', jobs)}>Try a few of them</button>
      <button type='button' disabled={!mayAct} onClick={() => open('retry', jobs)}>Retry all matches</button>
      <button type='button' disabled={!mayAct} onClick={() => open('discard', jobs)}>Discard all matches</button>
    </div>
  )
}

function Row({ group, open }: { group: FailureGroup; open: (what: FailedAct) => void }) {
  const mayAct = useMayAct()
  return (
    <tr>
      <th scope='row' class='wide'>
        {group.fingerprint}
        <div class='quiet'>
          for example <Link to={`/jobs/${group.example_job}`}>job {group.example_job}</Link>
        </div>
      </th>
      <td data-label='Queue'>
        <QueueLink name={group.queue_name} />
      </td>
      <td data-label='Jobs' class='n'>{sayCount(group.jobs)}</td>
      <td data-label='Last 24 hours'>
        <Trend counts={group.trend} label={group.fingerprint} />
      </td>
      <td data-label='First seen' class='nowrap'>
        <Time at={group.first_seen} />
      </td>
      <td data-label='Last seen' class='nowrap'>
        <Time at={group.last_seen} />
      </td>
      <td data-label='Actions'>
        <div class='buttons tight'>
          <button type='button' disabled={!mayAct} onClick={() => open('canary')}>Try a few</button>
          <button type='button' disabled={!mayAct} onClick={() => open('retry')}>Retry all</button>
          <button type='button' disabled={!mayAct} onClick={() => open('discard')}>Discard</button>
        </div>
      </td>
    </tr>
  )
}
