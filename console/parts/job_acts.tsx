import type { Done, Status } from '../answers.ts'
import { act } from '../live.ts'
import { sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

export type JobAct = {
  name: string
  verb: string
  /** What becomes of the jobs. */
  text: string
  danger?: boolean
  /** Statuses of jobs that it can be done to. */
  fits: Status[]
}

export const jobActs: JobAct[] = [
  {
    name: 'retry',
    verb: 'Retry',
    text: 'Each starts over, with all its attempts.',
    fits: ['success', 'failed', 'cancelled'],
  },
  { name: 'run-now', verb: 'Run now', text: 'Each is due now, and starts in order of priority.', fits: ['pending'] },
  {
    name: 'cancel',
    verb: 'Cancel jobs',
    text: 'Jobs that wait will not start. A call in progress cannot be stopped, but its outcome is ignored.',
    danger: true,
    fits: ['held', 'pending', 'in_progress'],
  },
  { name: 'hold', verb: 'Hold', text: 'Each waits until it is released.', fits: ['pending'] },
  { name: 'release', verb: 'Release', text: 'Each is pending again.', fits: ['held'] },
]

type Props = { what: JobAct; jobs: number[]; onClose: () => void; onDone?: () => void }

/** Asks whether something is to be done to some jobs, and says to how many. */
export function JobActDialog({ what, jobs, onClose, onDone }: Props) {
  const go = async () => {
    const { done, refused } = await act<Done>(what.name, { jobs })
    if (done === 0 && refused[0]) throw refused[0]
    tell(`${what.verb}: ${sayMany(done, 'job')}.${refused[0] ? ` Refused: ${refused[0].message}.` : ''}`)
    onDone?.()
  }
  return (
    <Dialog
      title={`${what.verb}: ${jobs.length === 1 ? `job ${jobs[0]}` : sayMany(jobs.length, 'job')}?`}
      verb={what.verb}
      danger={what.danger ?? false}
      onClose={onClose}
      onDo={go}
    >
      <p>{what.text}</p>
    </Dialog>
  )
}
