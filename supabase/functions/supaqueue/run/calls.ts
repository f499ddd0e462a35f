import type { Call, Called } from '../call/call.ts'
import type { Claim } from '../turn/turn.ts'

export type Calls = {
  /** How many calls are under way. */
  count(): number
  /** About how long those took that ended last, in milliseconds; undefined before one has ended. */
  takeMs(): number | undefined
  has(token: string): boolean
  tokens(): string[]
  /** Calls that have been under way for so long, and that nobody has been told of. */
  untold(ms: number): string[]
  /** Milliseconds until there is one that has been under way for `ms`; undefined when all have been told of. */
  untoldIn(ms: number): number | undefined
  /** The database knows of these calls. */
  tell(tokens: string[]): void
  /** Begins a call, for one job or for those of a batch; its end is told to `onEnd`. */
  begin(claims: Claim[], call: Call): void
}

/** The calls of a run that are under way, by the tokens of their jobs. */
export function makeCalls(now: () => number, onEnd: (tokens: string[], called: Called) => void): Calls {
  // When the call of each began; null once it has been told of. In the order of their beginning.
  const underWay = new Map<string, number | null>()
  let calls = 0
  let takeMs: number | undefined

  return {
    count: () => calls,
    takeMs: () => takeMs,
    has: (token) => underWay.has(token),
    tokens: () => [...underWay.keys()],

    untold(ms) {
      const before = now() - ms
      return [...underWay].filter(([, since]) => since !== null && since <= before).map(([token]) => token)
    },

    untoldIn(ms) {
      for (const since of underWay.values()) if (since !== null) return Math.max(0, since + ms - now())
      return undefined
    },

    tell(tokens) {
      for (const token of tokens) if (underWay.has(token)) underWay.set(token, null)
    },

    begin(claims, call) {
      const tokens = claims.map(({ current_job }) => current_job.id)
      const since = now()
      for (const token of tokens) underWay.set(token, since)
      calls++
      void call(...claims as [Claim, ...Claim[]]).then((called) => {
        for (const token of tokens) underWay.delete(token)
        calls--
        takeMs = ((takeMs ?? now() - since) * 7 + now() - since) / 8
        onEnd(tokens, called)
      })
    },
  }
}
