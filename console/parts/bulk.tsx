import { useState } from 'preact/hooks'
import type { BulkProgress, Bulks, FailedFilter } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { useMayAct } from '../me.ts'
import { addressOf, go, type Place } from '../router.ts'
import { sayCount, sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import type { Meant } from './failed_acts.tsx'
import { Link } from './link.tsx'
import { Shown } from './states.tsx'
import { Time } from './time.tsx'
import { tell } from './toast.tsx'

const VERDICTS: Record<NonNullable<BulkProgress['verdict']>, { title: string; text: string }> = {
  stop: { title: 'Stop', text: 'At least one failed again: the cause is still there.' },
  wait: { title: 'Wait', text: 'None has failed again so far; some have not finished yet.' },
  look: { title: 'Look', text: 'None failed again, but not all succeeded.' },
  go: { title: 'Go', text: 'All of them succeeded. It is safe to retry the rest.' },
}

type Props = { action: string; place: Place; retry: (meant: Meant) => void }

/** How far something is that was done to many failed jobs, with what can follow. It stands in the address, and can be shared. */
export function BulkFollowed({ action, place, retry }: Props) {
  const live = useLive<BulkProgress>(addressOf('bulk', { action }))
  const mayAct = useMayAct()
  const [undoing, setUndoing] = useState<BulkProgress>()
  const close = () => go('/failures', { ...Object.fromEntries(place.params), action: '' })
  return (
    <section class='canary' aria-label='What was done'>
      <Shown live={live}>
        {(told) => {
          const ended = told.succeeded + told.failed + told.cancelled + told.deleted
          return (
            <>
              <h2>
                {told.act === 'retry' ? 'Retried' : 'Discarded'}: {sayMany(told.jobs, 'job')} of{' '}
                {told.queue ?? 'all queues'}
              </h2>
              <p class='quiet'>
                <Time at={told.at} /> · {describeFilter(told.filter)}
                {told.per_second !== null && ` · ${told.per_second} a second`}
              </p>
              {told.act === 'retry' && told.undone_at === null && (
                <>
                  <progress value={ended} max={Math.max(1, told.jobs)} aria-label='Ended of those that were retried' />
                  {' '}
                  {sayCount(ended)} of {sayMany(told.jobs, 'job')} ended
                  {told.verdict && (
                    <p role='status' class={`verdict ${told.verdict}`}>
                      <strong>{VERDICTS[told.verdict].title}.</strong> {VERDICTS[told.verdict].text}
                    </p>
                  )}
                  <p class='quiet'>
                    {told.succeeded} succeeded, {told.failed} failed again, {told.in_progress} in progress,{' '}
                    {told.waiting} waiting.
                  </p>
                </>
              )}
              {told.undone_at !== null && (
                <p role='status'>
                  Undone <Time at={told.undone_at} />.
                </p>
              )}
              <div class='buttons'>
                {told.act === 'retry' && told.undone_at === null && mayAct && (
                  <button
                    type='button'
                    class={told.verdict === 'go' ? 'primary' : ''}
                    onClick={() =>
                      retry({ queue: told.queue, filter: told.filter, description: describeFilter(told.filter) })}
                  >
                    Retry the rest
                  </button>
                )}
                {told.undoable > 0 && (
                  <button
                    type='button'
                    disabled={!mayAct}
                    onClick={() => setUndoing(told)}
                  >
                    Undo ({sayCount(told.undoable)})
                  </button>
                )}
                <button type='button' onClick={close}>Close</button>
              </div>
            </>
          )
        }}
      </Shown>
      {undoing && (
        <UndoDialog
          told={live.data?.action === undoing.action ? live.data : undoing}
          onClose={() => setUndoing(undefined)}
        />
      )}
    </section>
  )
}

function UndoDialog({ told, onClose }: { told: BulkProgress; onClose: () => void }) {
  const undo = async () => {
    const { jobs } = await act<{ jobs: number }>('undo-bulk', { action: told.action })
    tell(jobs === 0 ? 'Nothing was left to undo.' : `${sayMany(jobs, 'job')} failed again, as before.`)
  }
  return (
    <Dialog title={`Undo it for ${sayMany(told.undoable, 'job')}?`} verb='Undo' onClose={onClose} onDo={undo}>
      <p>
        They go back to failed, with the errors that they had.
        {told.act === 'retry' && ' What has begun stays as it is.'}
      </p>
    </Dialog>
  )
}

/** The last few things that were done to many failed jobs. */
export function RecentBulks() {
  const { data } = useLive<Bulks>('bulks')
  if (!data || data.actions.length === 0) return null
  return (
    <section aria-labelledby='recent'>
      <h2 id='recent'>Recent actions</h2>
      <ul class='recent'>
        {data.actions.map((one) => (
          <li key={one.id}>
            <Link to='/failures' params={{ action: one.id }}>
              {one.act === 'retry' ? 'Retried' : 'Discarded'} {sayMany(one.jobs, 'job')}
            </Link>{' '}
            of {one.queue ?? 'all queues'} <span class='quiet'>{describeFilter(one.filter)}</span> <Time at={one.at} />
            {one.undone_at && <span class='quiet'>, undone</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

const NAMES: Record<string, string> = {
  error: 'error contains',
  payload: 'payload has',
  since: 'since',
  until: 'until',
}

/** A filter, as people read it. */
export function describeFilter(filter: FailedFilter): string {
  const parts = Object.entries(filter).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return name === 'fingerprint' || name === 'where' ? text : `${NAMES[name] ?? name} ${text}`
  })
  return parts.length === 0 ? 'all that failed' : parts.join(', ')
}
