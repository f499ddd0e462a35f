import { useEffect, useState } from 'preact/hooks'
import { sayDistance, sayMoment } from '../say.ts'

/** How long ago or how far ahead, kept up to date; in full, in the reader's zone, to whoever points at it. */
export function Time({ at, none = '–' }: { at: string | null; none?: string }) {
  const [, rerender] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => rerender((n) => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  if (at === null) return <span>{none}</span>
  return <time dateTime={at} title={sayMoment(at)}>{sayDistance(at)}</time>
}
