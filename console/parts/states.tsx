import type { ComponentChildren } from 'preact'
import type { Refusal } from '../answers.ts'
import type { Live } from '../live.ts'

/** What went wrong, and what to do next. */
export function Trouble({ error }: { error: Refusal }) {
  return (
    <div class='trouble' role='alert'>
      <strong>{error.message}</strong>
      <p>{error.hint}</p>
      <code>{error.code}</code>
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class='empty'>
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  )
}

/** Shows what was read, while it is read, and what came in the way; the last that was read stays in sight. */
export function Shown<Answer>(
  { live: { data, error }, children }: { live: Live<Answer>; children: (data: Answer) => ComponentChildren },
) {
  return (
    <>
      {error && <Trouble error={error} />}
      {data ? children(data) : !error && <p class='loading' role='status'>Loading …</p>}
    </>
  )
}
