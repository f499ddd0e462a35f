import { useState } from 'preact/hooks'
import type { Queue } from '../answers.ts'
import { act } from '../live.ts'
import { sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

/** Changes how many calls of a queue run at once, and how many begin in a second. */
export function LimitsDialog({ queue, onClose }: { queue: Queue; onClose: () => void }) {
  // What it was when it was asked: what somebody else has changed since, and nobody changed here, stays.
  const [{ name, workers, max_rps }] = useState(queue)
  const [calls, setCalls] = useState(String(workers))
  const [rate, setRate] = useState(max_rps === null ? '' : String(max_rps))
  const save = async () => {
    const wanted = { calls: Number(calls), max_rps: rate === '' ? null : Number(rate) }
    if (wanted.calls !== workers) await act('set-concurrency', { queue: name, calls: wanted.calls })
    if (wanted.max_rps !== max_rps) await act('set-max-rps', { queue: name, max_rps: wanted.max_rps })
    tell(`${name} has ${sayMany(wanted.calls, 'worker')}${rate === '' ? '' : `, at most ${rate} a second`}.`)
  }
  return (
    <Dialog title={`Workers and rate of ${name}`} verb='Save' onClose={onClose} onDo={save}>
      <label>
        Workers (maximum concurrent calls)
        <input
          name='calls'
          type='number'
          min='0'
          max='10000'
          required
          value={calls}
          onInput={(event) => setCalls(event.currentTarget.value)}
        />
      </label>
      <div class='buttons'>
        <button type='button' onClick={() => setCalls(String(Math.floor(Number(calls) / 2)))}>Halve</button>
        <button type='button' onClick={() => setCalls(String(Number(calls) * 2))}>Double</button>
      </div>
      <label>
        Jobs started in a second, at most; empty for no limit
        <input
          name='rate'
          type='number'
          min='0.001'
          max='100000'
          step='any'
          value={rate}
          onInput={(event) => setRate(event.currentTarget.value)}
        />
      </label>
      <p class='quiet'>A worker that is removed finishes its job first.</p>
    </Dialog>
  )
}
