import type { FailureGroup } from '../answers.ts'
import { act } from '../live.ts'
import { go } from '../router.ts'
import { sayCount, sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

type Props = { group: FailureGroup; onClose: () => void }

/** Asks whether all failed jobs of a fingerprint are to begin anew, and how fast. */
export function RetryGroupDialog({ group: { queue_name, fingerprint, jobs }, onClose }: Props) {
  const retry = async (form: FormData) => {
    const per_second = Number(form.get('rate')) || null
    const { retried } = await act<{ retried: number }>('retry-failures', { queue: queue_name, fingerprint, per_second })
    tell(`${sayMany(retried, 'job')} put back.`)
  }
  return (
    <Dialog
      title={`Retry ${sayMany(jobs, 'job')} of ${queue_name}?`}
      verb={`Retry ${sayCount(jobs)}`}
      onClose={onClose}
      onDo={retry}
    >
      <p class='wide'>{fingerprint}</p>
      <p>Each begins anew, with all its attempts.</p>
      <label>
        So many a second; empty for all at once
        <input name='rate' type='number' min='0.01' step='any' />
      </label>
    </Dialog>
  )
}

/** Asks whether a few of them are to be tried first. */
export function CanaryDialog({ group: { queue_name, fingerprint, jobs }, onClose }: Props) {
  const most = Math.min(5, jobs)
  const start = async (form: FormData) => {
    const body = { queue: queue_name, fingerprint, most: Number(form.get('most')) }
    const { jobs } = await act<{ jobs: number[] }>('canary', body)
    if (jobs.length === 0) tell('None could be put back: somebody holds them, or their dedupe_key is taken.')
    else go('/failures', { queue: queue_name, fingerprint, jobs: jobs.join(',') })
  }
  return (
    <Dialog title={`Try a few jobs of ${queue_name} first?`} verb='Try' onClose={onClose} onDo={start}>
      <p class='wide'>{fingerprint}</p>
      <p>The newest begin anew; how they fare says whether the rest should.</p>
      <label>
        How many of {sayCount(jobs)}
        <input name='most' type='number' min='1' max='100' required defaultValue={String(most)} />
      </label>
    </Dialog>
  )
}
