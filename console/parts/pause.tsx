import type { Queue } from '../answers.ts'
import { act } from '../live.ts'
import { sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

type Props = { queue: Queue; onClose: () => void }

/** Asks whether a queue is to be paused, for how long and why. */
export function PauseDialog({ queue: { name, waiting, running }, onClose }: Props) {
  const pause = async (form: FormData) => {
    await act('pause', { queue: name, reason: form.get('reason'), minutes: Number(form.get('minutes')) || null })
    tell(`${name} is paused.`)
  }
  return (
    <Dialog title={`Pause ${name}?`} verb='Pause' onClose={onClose} onDo={pause}>
      <p>
        {sayMany(waiting, 'job')} will wait until it is resumed. {sayMany(running, 'job')}{' '}
        in progress will finish normally.
      </p>
      <label>
        Reason (shown with the paused queue)
        <input name='reason' autoComplete='off' />
      </label>
      <label>
        Minutes to pause (leave empty to pause until resumed)
        <input name='minutes' type='number' min='1' step='any' />
      </label>
    </Dialog>
  )
}

/** Asks whether a pause is to end. */
export function ResumeDialog({ queue: { name, due }, onClose }: Props) {
  const resume = async () => {
    await act('resume', { queue: name })
    tell(`${name} is resumed.`)
  }
  return (
    <Dialog title={`Resume ${name}?`} verb='Resume' onClose={onClose} onDo={resume}>
      <p>{sayMany(due, 'job')} that {due === 1 ? 'is' : 'are'} due will begin.</p>
    </Dialog>
  )
}
