import { useState } from 'preact/hooks'
import type { QueueSetting } from '../answers.ts'
import { act } from '../live.ts'
import { useMayAct } from '../me.ts'
import { sayMany } from '../say.ts'
import { Dialog } from './dialog.tsx'
import { tell } from './toast.tsx'

type Field = {
  name: QueueSetting
  label: string
  kind?: 'number' | 'text' | 'check'
  /** One of these; with `none`, or nothing. */
  choices?: string[]
  step?: string
  none?: string
}

// What can be changed here: numbers and spans of time. Where a call goes and by what secret is said in SQL.
const GROUPS: { title: string; fields: Field[] }[] = [
  {
    title: 'Calls',
    fields: [
      { name: 'timeout_ms', label: 'Timeout of a call, in ms' },
      { name: 'per_key', label: 'Calls at once per concurrency key', none: 'no limit' },
      { name: 'batch_size', label: 'Jobs in one call, at most' },
      { name: 'batch_wait_ms', label: 'How long a batch waits for more jobs, in ms' },
      { name: 'batch_by', label: 'Jobs of one call have the same', choices: ['key'], none: 'anything' },
      { name: 'batch_counts', label: 'The rate limit counts', choices: ['jobs', 'calls'] },
    ],
  },
  {
    title: 'Order and duplicates',
    fields: [
      { name: 'ordered', label: 'One after the other by', choices: ['key', 'queue'], none: 'no order' },
      { name: 'after_failure', label: 'A failed job makes those after it', choices: ['block', 'continue'] },
      {
        name: 'dedupe_until',
        label: 'A dedupe key is taken until its job is',
        choices: ['begun', 'finished', 'pruned'],
      },
    ],
  },
  {
    title: 'Retries',
    fields: [
      { name: 'max_attempts', label: 'Attempts, at most' },
      { name: 'retry_base_ms', label: 'Wait before the second attempt, in ms' },
      { name: 'retry_factor', label: 'Each wait is longer by a factor of', step: 'any' },
      { name: 'retry_max_ms', label: 'Longest wait, in ms' },
      { name: 'max_deferrals', label: 'Deferrals, at most', none: 'no limit' },
      { name: 'max_defer_ms', label: 'Longest deferral, in ms' },
    ],
  },
  {
    title: 'Size and age',
    fields: [
      { name: 'payload_max_bytes', label: 'Payload, in bytes, at most' },
      { name: 'result_max_bytes', label: 'Result that is kept, in bytes, at most' },
      { name: 'keep_success', label: 'Keep jobs that succeeded for', kind: 'text' },
      { name: 'keep_failed', label: 'Keep failed jobs for', kind: 'text' },
      { name: 'keep_success_attempts', label: 'Keep the attempts of jobs that succeed', kind: 'check' },
    ],
  },
]

type Settings = Record<string, unknown>

/** A button, and the dialog that changes how a queue is set. */
export function EditSettings({ queue, settings }: { queue: string; settings: Settings }) {
  const mayAct = useMayAct()
  const [edited, setEdited] = useState<Settings>()
  return (
    <>
      <button type='button' disabled={!mayAct} onClick={() => setEdited(settings)}>Edit settings</button>
      {edited && <SettingsDialog queue={queue} settings={edited} onClose={() => setEdited(undefined)} />}
    </>
  )
}

function SettingsDialog({ queue, settings, onClose }: { queue: string; settings: Settings; onClose: () => void }) {
  const save = async (form: FormData) => {
    const fields = GROUPS.flatMap(({ fields }) => fields)
    // Only what was changed here: what somebody else has changed meanwhile stays.
    const changed = fields.flatMap(({ name, kind }): [string, string | null][] => {
      const is = kind === 'check' ? String(form.get(name) !== null) : String(form.get(name)).trim()
      return is === was(settings[name]) ? [] : [[name, is === '' ? null : is]]
    })
    if (changed.length > 0) await act('edit-settings', { queue, settings: Object.fromEntries(changed) })
    tell(changed.length === 0 ? 'Nothing was changed.' : `${sayMany(changed.length, 'setting')} of ${queue} changed.`)
  }
  return (
    <Dialog title={`Settings of ${queue}`} verb='Save' onClose={onClose} onDo={save}>
      {GROUPS.map(({ title, fields }) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          {fields.map((field) => <Input key={field.name} field={field} value={settings[field.name]} />)}
        </fieldset>
      ))}
      <p class='quiet'>
        They apply from the next claim on. A call in progress finishes with the settings that it started with.
      </p>
    </Dialog>
  )
}

function Input(
  { field: { name, label, kind = 'number', choices, step = '1', none }, value }: { field: Field; value: unknown },
) {
  if (choices) {
    return (
      <label>
        {label}
        <select name={name}>
          {none !== undefined && <option value=''>{none}</option>}
          {choices.map((choice) => <option key={choice} value={choice} selected={choice === value}>{choice}</option>)}
        </select>
      </label>
    )
  }
  if (kind === 'check') {
    return (
      <label class='check'>
        <input name={name} type='checkbox' defaultChecked={value === true} /> {label}
      </label>
    )
  }
  const rest = { name, required: none === undefined, placeholder: none ?? '', defaultValue: was(value) }
  return (
    <label>
      {label}
      {kind === 'number'
        ? <input {...rest} type='number' min='0' step={step} autoComplete='off' />
        : <input {...rest} type='text' placeholder='7 days' autoComplete='off' />}
    </label>
  )
}

const was = (value: unknown): string => value === null || value === undefined ? '' : String(value)
