import { useLayoutEffect, useRef } from 'preact/hooks'
import { STATUSES } from '../answers.ts'
import { go, type Place } from '../router.ts'
import { sayStatus } from '../say.ts'

const TIMES: Record<string, string> = { success: 'Ended', failed: 'Ended', cancelled: 'Ended', pending: 'Due' }

/** Which jobs are shown. It stands in the address, so that it can be shared. */
export function JobFilter({ place: { params }, queues }: { place: Place; queues: string[] }) {
  const value = (name: string) => params.get(name) ?? ''
  const form = useRef<HTMLFormElement>(null)
  // Not by props: the list is drawn anew all the time, and would take away what is being typed.
  useLayoutEffect(() => fill(form.current!, params), [params.toString()])
  useLayoutEffect(() => {
    const choice = form.current!.querySelector<HTMLSelectElement>('[name=queue]')!
    choice.value = params.get('queue') ?? ''
  }, [queues.join()])

  const change = () => {
    const entered = new FormData(form.current!)
    const next = Object.fromEntries([...entered].map(([name, text]) => [name, String(text).trim()]))
    go('/jobs', {
      ...next,
      since: toIso(next.since),
      until: toIso(next.until),
      payload: next.payload && toPayload(next.payload),
    })
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    change()
  }
  const time = TIMES[value('status')] ?? (value('queue') && !value('batch') ? 'Ended' : 'Created')
  const names = [...new Set([...queues, value('queue')])].filter((name) => name !== '')
  return (
    <form ref={form} class='filter' onChange={change} onSubmit={submit} aria-label='Filter'>
      <label>
        Queue
        <select name='queue'>
          <option value=''>all</option>
          {names.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
      </label>
      <label>
        Status
        <select name='status'>
          <option value=''>any</option>
          {STATUSES.map((status) => <option key={status} value={status}>{sayStatus(status)}</option>)}
        </select>
      </label>
      <label>
        {time} since
        <input type='datetime-local' name='since' />
      </label>
      <label>
        {time} until
        <input type='datetime-local' name='until' />
      </label>
      <label>
        Payload has
        <input name='payload' placeholder='user=7, or JSON' autoComplete='off' />
      </label>
      <label>
        Dedupe key
        <input name='key' autoComplete='off' />
      </label>
      <label>
        Batch
        <input name='batch' placeholder='id' autoComplete='off' />
      </label>
      <button type='submit'>Show</button>
      <button type='button' onClick={() => go('/jobs')}>Clear</button>
    </form>
  )
}

function fill(form: HTMLFormElement, params: URLSearchParams): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]')) {
    const value = params.get(field.name) ?? ''
    field.value = field.type === 'datetime-local' ? toLocal(value) : value
  }
}

/** `a.b=7` as the JSON that contains it; what is JSON stays. */
export function toPayload(text: string): string {
  const [, path, value] = /^([\w.-]+)\s*=\s*(.*)$/s.exec(text) ?? []
  if (path === undefined || value === undefined) return text
  return JSON.stringify(path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), scalar(value)))
}

function scalar(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const toIso = (local: string | undefined) => local ? new Date(local).toISOString() : ''

function toLocal(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
