import { useEffect, useState } from 'preact/hooks'
import { sayDistance, sayMoment } from '../say.ts'

/**
 * How long ago or how far ahead, kept up to date; in full, in the reader's zone, to whoever points at it. `ahead` and `past`
 * say what happens then, or has happened.
 */
export function Time(
  { at, none = '–', ahead, past }: { at: string | null; none?: string; ahead?: string; past?: string },
) {
  const [, rerender] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => rerender((n) => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  if (at === null) return <span>{none}</span>
  const event = Date.parse(at) > Date.now() ? ahead : past
  return <time dateTime={at} title={sayMoment(at)}>{event && `${event} `}{sayDistance(at)}</time>
}
