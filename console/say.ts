// Numbers, times and names, in words.

const number = new Intl.NumberFormat('en')
const hour = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

// Further than that the database does not count.
const COUNTED = 10_000

export const sayNumber = (count: number): string => number.format(count)

/** A number of jobs; one at which counting stopped says so. */
export const sayCount = (count: number): string => `${number.format(count)}${count >= COUNTED ? '+' : ''}`

/** A number and its noun: 1 job, 2 jobs. */
export const sayMany = (count: number, noun: string): string =>
  `${sayCount(count)} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`

/** A time in full, in the reader's zone. */
export const sayMoment = (iso: string): string => moment.format(new Date(iso))

/** The hour that begins at a time, in the reader's zone. */
export const sayHour = (iso: string): string => hour.format(new Date(iso))

/** How long ago or how far ahead a time is: 12 s ago, in 3 min. */
export function sayDistance(iso: string, now: number = Date.now()): string {
  const ms = new Date(iso).getTime() - now
  const span = saySpan(Math.abs(ms))
  return ms > 0 ? `in ${span}` : `${span} ago`
}

/** A span of time, in two digits or three. */
export function saySpan(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 1) return `${Math.round(ms)} ms`
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} days`
}

export const sayShare = (share: number): string => `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)} %`

const GAPS: Record<string, string> = { table: 'its table is gone', foreign: 'a part of its table is a foreign table' }

/** Why a hook misses changes, by the state that hook_gaps tells. */
export const sayGap = (gap: string): string => GAPS[gap] ?? `a trigger is ${gap}`

/** A status as people read it. */
export const sayStatus = (status: string): string => status.replaceAll('_', ' ')
