import type { Bulk, FailedFilter } from '../answers.ts'
import { act, useLive } from '../live.ts'
import { addressOf, go } from '../router.ts'
import { sayCount, sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

/** Which failed jobs are meant: of a queue, or of all (null), what a filter fits. `said` says it to a person. */
export type Meant = { queue: string | null; filter: FailedFilter; description: string; jobs?: number }

export type FailedAct = 'retry' | 'canary' | 'discard'

type Props = { meant: Meant; onClose: () => void }

/** Asks whether something is to be done to many failed jobs. */
export function FailedActDialog({ what, ...props }: Props & { what: FailedAct }) {
  if (what === 'discard') return <DiscardDialog {...props} />
  return what === 'canary' ? <CanaryDialog {...props} /> : <RetryDialog {...props} />
}

/** How many are meant by now; until that is read, how many there were. */
function useCount({ queue, filter, jobs }: Meant): { jobs: number | undefined; note: string; long: number } {
  const { data } = useLive<Bulk>(addressOf('meant', { queue, filter: JSON.stringify(filter) }))
  return {
    jobs: data?.jobs ?? jobs,
    long: data?.shortened ?? 0,
    note: data && !data.whole
      ? ` The newest ${sayCount(data.looked_at)} failed jobs were looked at; do it again for those before.`
      : '',
  }
}

const title = (verb: string, jobs: number | undefined, { queue }: Meant) =>
  `${verb} ${jobs === undefined ? 'failed jobs' : sayMany(jobs, 'job')} of ${queue ?? 'all queues'}?`

function RetryDialog({ meant, onClose }: Props) {
  const { jobs, note, long } = useCount(meant)
  const retry = async (form: FormData) => {
    const done = await act<Bulk>('retry-where', {
      queue: meant.queue,
      filter: meant.filter,
      most: null,
      per_second: Number(form.get('rate')) || null,
    })
    follow(done, 'put back')
  }
  return (
    <Dialog
      title={title('Retry', jobs, meant)}
      verb={jobs === undefined ? 'Retry' : `Retry ${sayCount(jobs)}`}
      onClose={onClose}
      onDo={retry}
    >
      <p class='wide'>{meant.description}</p>
      <p>
        Each starts over, with all its attempts.{note}
        {long > 0 && ` An undo gives back only the beginning of ${sayMany(long, 'error')}: they are long.`}
      </p>
      <label>
        Jobs a second; empty for all at once
        <input name='rate' type='number' min='0.01' step='any' />
      </label>
    </Dialog>
  )
}

function CanaryDialog({ meant, onClose }: Props) {
  const { jobs } = useCount(meant)
  const start = async (form: FormData) => {
    const done = await act<Bulk>('retry-where', {
      queue: meant.queue,
      filter: meant.filter,
      most: Number(form.get('most')),
      per_second: null,
    })
    follow(done, 'tried')
  }
  return (
    <Dialog title={`Try a few jobs of ${meant.queue ?? 'all queues'} first?`} verb='Try' onClose={onClose} onDo={start}>
      <p class='wide'>{meant.description}</p>
      <p>The newest ones are retried first. How they end tells whether to retry the rest.</p>
      <label>
        How many of {jobs === undefined ? 'them' : sayCount(jobs)}
        <input
          name='most'
          type='number'
          min='1'
          max='100'
          required
          defaultValue={String(Math.max(1, Math.min(5, meant.jobs ?? 5)))}
        />
      </label>
    </Dialog>
  )
}

function DiscardDialog({ meant, onClose }: Props) {
  const { jobs, note } = useCount(meant)
  const discard = async () => {
    const done = await act<Bulk>('discard-where', { queue: meant.queue, filter: meant.filter })
    follow(done, 'discarded')
  }
  return (
    <Dialog
      title={title('Discard', jobs, meant)}
      verb={jobs === undefined ? 'Discard' : `Discard ${sayCount(jobs)}`}
      danger
      onClose={onClose}
      onDo={discard}
    >
      <p class='wide'>{meant.description}</p>
      <p>
        They become cancelled and no longer count as failures. You can undo this for a week, or until they are
        pruned.{note}
      </p>
    </Dialog>
  )
}

/** Says what came of it, and leads to where it can be followed and undone. */
function follow({ action, jobs, fitting }: Bulk, done: string): void {
  if (action === null) {
    tell(
      fitting === 0
        ? 'No failed job matches any more.'
        : 'None was changed: they are locked, or their dedupe_key is taken.',
    )
    return
  }
  const left = fitting - jobs
  tell(`${sayMany(jobs, 'job')} ${done}.${left > 0 ? ` ${sayMany(left, 'job')} left alone.` : ''}`)
  go('/failures', { ...Object.fromEntries(new URLSearchParams(location.search)), action })
}
