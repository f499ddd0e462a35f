import { useState } from 'preact/hooks'
import type { Job, Step } from '../answers.ts'
import { act } from '../live.ts'
import { useMayAct } from '../me.ts'
import { saySpan } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { Time } from './time.tsx'
import { tell } from './toast.tsx'

const LABELS: Record<Step['status'], string> = {
  running: 'running',
  failed: 'failed, and is tried again',
  given_up: 'failed',
  sleeping: 'sleeps',
  waiting: 'waits for its signal',
  done: 'done',
  timed_out: 'timed out',
}

/** The steps of a job's function: what ran and how long, what it waits for, and each try that failed. */
export function Steps({ job }: { job: Job }) {
  const mayAct = useMayAct()
  const [asked, setAsked] = useState<string>()
  const isOpen = job.finished_at === null
  return (
    <>
      <h2>Steps</h2>
      <div class='scroll' tabIndex={0} role='region' aria-label='Steps'>
        <table class='cards'>
          <thead>
            <tr>
              <th scope='col'>Step</th>
              <th scope='col'>Status</th>
              <th scope='col'>Begun</th>
              <th scope='col' class='n'>Took</th>
              <th scope='col'>Until</th>
              <th scope='col'>Failed attempts</th>
            </tr>
          </thead>
          <tbody>
            {job.steps.map((step) => (
              <tr key={`${step.name} ${step.occurrence} ${step.item}`}>
                <th scope='row'>{nameOf(step)}</th>
                <td data-label='Status'>
                  {LABELS[step.status]}
                  {step.status === 'waiting' && isOpen && (
                    <>
                      {' '}
                      <button type='button' disabled={!mayAct} onClick={() => setAsked(step.name)}>Send signal</button>
                    </>
                  )}
                </td>
                <td data-label='Begun' class='nowrap'>
                  <Time at={step.begun_at} />
                </td>
                <td data-label='Took' class='n'>{tookOf(step)}</td>
                <td data-label='Until' class='nowrap'>
                  {step.until && !step.ended_at && isOpen ? <Time at={step.until} /> : '–'}
                </td>
                <td data-label='Failed attempts' class='wide'>
                  {step.tries.length === 0 ? '–' : (
                    <ol>
                      {step.tries.map((one) => (
                        <li key={one.attempt} value={one.attempt}>{one.error ?? 'no error kept'}</li>
                      ))}
                    </ol>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asked !== undefined && <SignalDialog job={job.id} name={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function SignalDialog({ job, name, onClose }: { job: number; name: string; onClose: () => void }) {
  const go = async (form: FormData) => {
    await act('signal', { job, name, payload: String(form.get('payload')) })
    tell(`The signal ${name} was sent to job ${job}.`)
  }
  return (
    <Dialog title={`Send the signal ${name} to job ${job}?`} verb='Send' onClose={onClose} onDo={go}>
      <p>The job continues at once, with the payload of the signal.</p>
      <label>
        Carries, as JSON (left empty: null) <input name='payload' autocomplete='off' />
      </label>
    </Dialog>
  )
}

const nameOf = ({ name, occurrence, item, items }: Step): string =>
  `${name}${occurrence > 1 ? ` (${occurrence}.)` : ''}${item > 0 ? ` [${item - 1}]` : ''}${
    items === null ? '' : `, ${items} items`
  }`

function tookOf({ kind, ms, begun_at, ended_at }: Step): string {
  if (kind === 'run') return ms === null ? '–' : saySpan(ms)
  return ended_at === null ? '–' : saySpan(new Date(ended_at).getTime() - new Date(begun_at).getTime())
}
