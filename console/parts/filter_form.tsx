import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { readPayload } from '../payload.ts'
import { go, type Place } from '../router.ts'

type Props = {
  place: Place
  /** Where it leads. */
  to: string
  queues: string[]
  /** What stays of the address though no field has it. */
  keep?: string[]
  children: ComponentChildren
}

/**
 * A filter. It stands in the address, so that it can be shared. On a phone it is folded until it is wanted. The field `payload`
 * reads what a payload is to have.
 */
export function FilterForm({ place: { params }, to, queues, keep = [], children }: Props) {
  const form = useRef<HTMLFormElement>(null)
  const [open, setOpen] = useState([...params.keys()].some((name) => !keep.includes(name)))
  // Not by props: the list is drawn anew all the time, and would take away what is being typed.
  useLayoutEffect(() => fill(form.current!, params), [params.toString()])
  useLayoutEffect(() => {
    const choice = form.current!.querySelector<HTMLSelectElement>('[name=queue]')!
    choice.value = params.get('queue') ?? ''
  }, [queues.join()])

  const change = () => {
    const entered = new FormData(form.current!)
    const next = Object.fromEntries([...entered].map(([name, text]) => [name, String(text).trim()]))
    go(to, {
      ...Object.fromEntries(keep.map((name) => [name, params.get(name)])),
      ...next,
      since: toIso(next.since),
      until: toIso(next.until),
      payload: '',
      ...next.payload && readPayload(next.payload),
    })
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    change()
  }
  return (
    <>
      <button type='button' class='unfold' aria-expanded={open} aria-controls='filter' onClick={() => setOpen(!open)}>
        {open ? 'Hide the filter' : 'Filter'}
      </button>
      <form
        ref={form}
        id='filter'
        class={open ? 'filter' : 'filter folded-away'}
        onChange={change}
        onSubmit={submit}
        aria-label='Filter'
      >
        {children}
        <button type='submit'>Show</button>
        <button type='button' onClick={() => go(to)}>Clear</button>
      </form>
    </>
  )
}

/** A choice of a queue; the one that is chosen is there though it is not. */
export function QueueChoice({ place: { params }, queues }: { place: Place; queues: string[] }) {
  const names = [...new Set([...queues, params.get('queue') ?? ''])].filter((name) => name !== '')
  return (
    <label>
      Queue
      <select name='queue'>
        <option value=''>all</option>
        {names.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </label>
  )
}

export const PayloadField = () => (
  <label>
    Payload has
    <input name='payload' placeholder='user.id=7, amount>9, JSON' autoComplete='off' />
  </label>
)

function fill(form: HTMLFormElement, params: URLSearchParams): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[name]')) {
    const value = params.get(field.name) ?? (field.name === 'payload' ? params.get('where') : null) ?? ''
    field.value = field.type === 'datetime-local' ? toLocal(value) : value
  }
}

const toIso = (local: string | undefined) => local ? new Date(local).toISOString() : ''

function toLocal(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
