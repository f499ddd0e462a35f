import { useState } from 'preact/hooks'
import type { FailureGroup, Failures } from '../answers.ts'
import { asItIsNow, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { CanaryProgress } from '../parts/canary.tsx'
import { Link } from '../parts/link.tsx'
import { CanaryDialog, RetryGroupDialog } from '../parts/retry_group.tsx'
import { Empty, Shown } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { Trend } from '../parts/trend.tsx'
import type { Place } from '../router.ts'
import { sayCount, sayNumber } from '../say.ts'

type Open = { dialog: 'retry' | 'canary'; group: FailureGroup }

/** What jobs failed of, the most frequent first; a group is tried and retried as one. */
export function FailuresPage({ place: { params } }: { place: Place }) {
  const live = useLive<Failures>('failures')
  const mayAct = useMayAct()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const asked = open && asItIsNow(open.group, live.data?.groups, (group) => keyOf(group) === keyOf(open.group))
  const canary = {
    queue: params.get('queue') ?? '',
    fingerprint: params.get('fingerprint') ?? '',
    jobs: params.get('jobs') ?? '',
  }
  const rest = live.data?.groups.find((group) =>
    group.queue_name === canary.queue && group.fingerprint === canary.fingerprint
  )
  return (
    <>
      {canary.jobs && (
        <CanaryProgress
          canary={canary}
          retry={rest && mayAct ? () => setOpen({ dialog: 'retry', group: rest }) : undefined}
        />
      )}
      <Shown live={live}>
        {({ groups, most }) =>
          groups.length === 0
            ? <Empty title='No job has failed'>What fails is grouped here by what it failed of.</Empty>
            : (
              <>
                <div class='scroll' tabIndex={0} role='region' aria-label='Failures'>
                  <table class='cards'>
                    <thead>
                      <tr>
                        <th scope='col'>Failed of</th>
                        <th scope='col'>Queue</th>
                        <th scope='col' class='n'>Jobs</th>
                        <th scope='col'>Last 24 hours</th>
                        <th scope='col'>First seen</th>
                        <th scope='col'>Last seen</th>
                        <th scope='col'>Actions</th>
                      </tr>
                    </thead>
                    <tbody>
                      {groups.map((group) => <Row key={keyOf(group)} group={group} mayAct={mayAct} open={setOpen} />)}
                    </tbody>
                  </table>
                </div>
                <p class='quiet'>Counted are the newest {sayNumber(most)} failed jobs of each queue.</p>
              </>
            )}
      </Shown>
      {asked && open?.dialog === 'retry' && <RetryGroupDialog group={asked} onClose={close} />}
      {asked && open?.dialog === 'canary' && <CanaryDialog group={asked} onClose={close} />}
    </>
  )
}

const keyOf = ({ queue, fingerprint }: FailureGroup) => `${queue} ${fingerprint}`

function Row({ group, mayAct, open }: { group: FailureGroup; mayAct: boolean; open: (what: Open) => void }) {
  return (
    <tr>
      <th scope='row' class='wide'>
        {group.fingerprint}
        <div class='quiet'>
          for example <Link to={`/jobs/${group.example_job}`}>job {group.example_job}</Link>
        </div>
      </th>
      <td data-label='Queue'>
        <Link to='/jobs' params={{ queue: group.queue_name, status: 'failed' }}>{group.queue_name}</Link>
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
        <div class='buttons'>
          <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'canary', group })}>Try a few</button>
          <button type='button' disabled={!mayAct} onClick={() => open({ dialog: 'retry', group })}>Retry all</button>
        </div>
      </td>
    </tr>
  )
}
