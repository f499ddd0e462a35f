// What fits into the lines that stay in sight, more or less.
const LINES = 90

/** What a job carries, and what it failed of. Of each a line or two are shown, and the rest when somebody opens it. */
export function Fold({ payload, error }: { payload: string; error: string | null }) {
  const shown = (
    <>
      <code>{payload}</code>
      {error && <span class='bad'>{error}</span>}
    </>
  )
  const isLong = [payload, error ?? ''].some((text) => text.length > LINES || text.includes('\n'))
  if (!isLong) return <div class='folded'>{shown}</div>
  return (
    <details class='fold'>
      <summary class='folded'>{shown}</summary>
    </details>
  )
}
