import { z } from 'zod'

const whole = (fallback: number, min: number, max: number) =>
  z.preprocess(
    (value) => typeof value === 'string' && value.trim() !== '' ? Number(value) : value,
    z.int().min(min).max(max).default(fallback),
  )

// Explained, with the reasons for the defaults, in README.md.
const shape = {
  lanes: whole(25, 1, 500),
  linger_ms: whole(2000, 0, 60_000),
  // The keeper must come back well before the five seconds of its pulse are over.
  poll_ms: whole(45, 10, 2000),
  gather_ms: whole(2, 0, 100),
  wall_clock_ms: whole(150_000, 10_000, 86_400_000),
  run_max_jobs: whole(2000, 1, 10_000_000),
  run_max_turns: whole(1000, 1, 10_000_000),
  call_grace_ms: whole(10_000, 0, 60_000),
  allow_private_targets: z.enum(['on', 'off']).default('off').transform((word) => word === 'on'),
}

/** What bounds a run and its calls. Milliseconds, counts, or yes and no. */
export type Limits = { [name in keyof typeof shape]: z.output<(typeof shape)[name]> }

/** The limits out of the rows of `supaqueue.setting`. A value that cannot be used leaves the default, and is named. */
export function readLimits(settings: Record<string, string>): { limits: Limits; unusable: string[] } {
  const unusable: string[] = []
  const limits = Object.fromEntries(
    Object.entries(shape).map(([name, limit]) => {
      const read = limit.safeParse(settings[name])
      if (read.success) return [name, read.data]
      unusable.push(name)
      return [name, limit.parse(undefined)]
    }),
  ) as Limits
  return { limits, unusable }
}
