import { oneOf, whole } from '../util/shape.ts'

/** What bounds a run and its calls. Milliseconds, counts, or yes and no. Explained, with the reasons, in docs/reference/dispatcher.md. */
export type Limits = {
  concurrency: number
  linger_ms: number
  poll_ms: number
  gather_ms: number
  wall_clock_ms: number
  run_max_jobs: number
  run_max_turns: number
  call_grace_ms: number
  allow_private_targets: boolean
}

const DEFAULTS: Limits = {
  concurrency: 25,
  linger_ms: 2000,
  poll_ms: 45,
  gather_ms: 4,
  wall_clock_ms: 150_000,
  run_max_jobs: 2000,
  run_max_turns: 1000,
  call_grace_ms: 10_000,
  allow_private_targets: false,
}

const BOUNDS: Record<Exclude<keyof Limits, 'allow_private_targets'>, [min: number, max: number]> = {
  concurrency: [1, 500],
  linger_ms: [0, 60_000],
  // The leader must come back well before the five seconds of its heartbeat are over.
  poll_ms: [10, 2000],
  gather_ms: [0, 100],
  wall_clock_ms: [10_000, 86_400_000],
  run_max_jobs: [1, 10_000_000],
  run_max_turns: [1, 10_000_000],
  call_grace_ms: [0, 60_000],
}

const isOnOrOff = oneOf('on', 'off')

/** The limits out of the rows of `supaqueue.setting`. A value that cannot be used leaves the default, and is named. */
export function readLimits(settings: Record<string, string>): { limits: Limits; unusable: string[] } {
  const limits = { ...DEFAULTS }
  const unusable: string[] = []
  for (const [name, [min, max]] of Object.entries(BOUNDS) as [keyof typeof BOUNDS, [number, number]][]) {
    const text = settings[name]
    if (text === undefined) continue
    // Plain digits: the database reads `concurrency`, too, and is to see the same number.
    const value = /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : NaN
    if (whole(min, max)(value) === undefined) limits[name] = value
    else unusable.push(name)
  }
  const word = settings.allow_private_targets
  if (word !== undefined && isOnOrOff(word) !== undefined) unusable.push('allow_private_targets')
  limits.allow_private_targets = word === 'on'
  return { limits, unusable }
}
