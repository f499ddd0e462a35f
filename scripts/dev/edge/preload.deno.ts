// Runs in a function's process before the function: adds what hosted Supabase adds to Deno.

type Reason = 'wall_clock' | 'early_drop' | 'termination'

const take = (name: string): number => {
  const value = Number(Deno.env.get(name))
  Deno.env.delete(name)
  return value
}

// What the function is to find in its environment: not before Deno has read its own.
const set = Object.entries(Deno.env.toObject()).filter(([name]) => name.startsWith('EDGE_HOST_SET_'))
for (const [name] of set) Deno.env.delete(name)
for (const [name, value] of set) Deno.env.set(name.slice('EDGE_HOST_SET_'.length), value)

const wallClockMs = take('EDGE_HOST_WALL_CLOCK_MS')
const graceMs = take('EDGE_HOST_GRACE_MS')

const pending = new Set<Promise<unknown>>()

Object.defineProperty(globalThis, 'EdgeRuntime', {
  value: {
    waitUntil(work: unknown) {
      // As on the platform, only a real promise counts.
      if (!(work instanceof Promise)) return work
      const tracked = work.catch((reason) => console.error('waitUntil was given a promise that failed:', reason))
        .finally(() => pending.delete(tracked))
      pending.add(tracked)
      return work
    },
  },
})

const announce = (reason: Reason) => dispatchEvent(new CustomEvent('beforeunload', { detail: { reason } }))

const settled = async () => {
  while (pending.size > 0) await Promise.all(pending)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const unobtrusive = (timer: number) => Deno.unrefTimer(timer)

// The platform warns at nine tenths of a limit.
unobtrusive(setTimeout(() => announce('wall_clock'), wallClockMs * 0.9))

// Retired and no request left: goes as soon as the background work is done.
Deno.addSignalListener('SIGUSR2', async () => {
  await settled()
  announce('early_drop')
  Deno.exit(0)
})

Deno.addSignalListener('SIGTERM', async () => {
  announce('termination')
  await Promise.race([settled(), pause(graceMs)])
  Deno.exit(0)
})

// The host cannot end us when it is killed itself, so we look whether it is still there.
const host = Deno.ppid
unobtrusive(setInterval(() => {
  if (Deno.ppid !== host) Deno.exit(0)
}, 1000))
