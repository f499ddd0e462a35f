import type { Job } from '../answers.ts'
import { act } from '../live.ts'
import { go } from '../router.ts'
import { pretty } from '../json.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

/** Puts a job into a queue, to try it. */
export function EnqueueDialog({ queue, onClose }: { queue: string; onClose: () => void }) {
  const enqueue = async (form: FormData) => {
    const number = (name: string) => form.get(name) === '' ? null : Number(form.get(name))
    const { job } = await act<{ job: number }>('enqueue', {
      queue,
      payload: String(form.get('payload')),
      priority: number('priority'),
      delay_s: number('delay'),
    })
    follow(job)
  }
  return (
    <Dialog title={`Enqueue a job into ${queue}`} verb='Enqueue' onClose={onClose} onDo={enqueue}>
      <p>It runs like any other job of the queue.</p>
      <PayloadArea text='{}' />
      <label>
        Priority; higher first
        <input name='priority' type='number' step='1' min='-2147483648' max='2147483647' placeholder='0' />
      </label>
      <label>
        Delay in seconds
        <input name='delay' type='number' min='0' max='31536000' step='any' placeholder='0' />
      </label>
    </Dialog>
  )
}

/** Puts a job into the queue of another one, with its payload to be edited. */
export function CloneDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const clone = async (form: FormData) => {
    follow((await act<{ job: number }>('clone', { job: job.id, payload: String(form.get('payload')) })).job)
  }
  return (
    <Dialog title={`Clone job ${job.id}`} verb='Enqueue' onClose={onClose} onDo={clone}>
      <p>A new job of {job.queue_name}, with the same priority, headers and limits. Job {job.id} stays as it is.</p>
      <PayloadArea text={job.full_payload} />
    </Dialog>
  )
}

const PayloadArea = ({ text }: { text: string }) => (
  <label>
    Payload, as JSON
    <textarea name='payload' rows={8} required spellcheck={false} defaultValue={pretty(text)} />
  </label>
)

function follow(job: number): void {
  tell(`Job ${job} is enqueued.`)
  go(`/jobs/${job}`)
}
