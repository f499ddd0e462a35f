/** What the kit needs of the runtime around it. Tests give their own. */
export type Deps = {
  /** A variable of the environment. */
  env: (name: string) => string | undefined
  fetch: typeof fetch
  /** Unix milliseconds. */
  now: () => number
  /** Keeps the isolate until the promise settles, where that is needed. The promise never fails. */
  waitUntil: (work: Promise<unknown>) => void
  /** Calls back when the platform is about to end the isolate, with its reason. Returns the way to be left out. */
  onUnload: (listener: (reason: string) => void) => () => void
  /** Writes to the function's log. */
  log: (reason: unknown) => void
}

type Surroundings = {
  Deno?: { env: { get(name: string): string | undefined } }
  process?: { env: Record<string, string | undefined> }
  EdgeRuntime?: { waitUntil?(work: Promise<unknown>): void }
  addEventListener?(name: 'beforeunload', listener: (event: Event) => void): void
  removeEventListener?(name: 'beforeunload', listener: (event: Event) => void): void
}

// The only names of Deno and Node in the kit, each where it is missing passed over.
const around = globalThis as Surroundings

/** The runtime as it is: Supabase's edge runtime, Deno, or Node. */
export const runtime: Deps = {
  env: (name) => around.Deno ? around.Deno.env.get(name) : around.process?.env[name],
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  waitUntil: (work) => around.EdgeRuntime?.waitUntil?.(work),
  onUnload(listener) {
    const heard = (event: Event) => {
      const { reason } = (event as CustomEvent<{ reason?: unknown } | null>).detail ?? {}
      listener(typeof reason === 'string' ? reason : 'unload')
    }
    around.addEventListener?.('beforeunload', heard)
    return () => around.removeEventListener?.('beforeunload', heard)
  },
  log: (reason) => console.error(reason),
}

/** Whether the platform ends this process after a while, whatever it does. */
export const livesInIsolate = (): boolean => around.EdgeRuntime !== undefined
