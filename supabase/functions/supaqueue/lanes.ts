import type { Call, Called } from './call.ts'
import type { Claim } from './turn.ts'

export type Lanes = {
  /** How many calls are under way. */
  busy(): number
  has(token: string): boolean
  tokens(): string[]
  /** Begins a call; its end is told to `onEnd`. */
  begin(claim: Claim, call: Call): void
}

/** The calls of a run that are under way, by token. */
export function makeLanes(onEnd: (token: string, called: Called) => void): Lanes {
  const underWay = new Set<string>()

  return {
    busy: () => underWay.size,
    has: (token) => underWay.has(token),
    tokens: () => [...underWay],
    begin(claim, call) {
      const token = claim.current_job.id
      underWay.add(token)
      void call(claim).then((called) => {
        underWay.delete(token)
        onEnd(token, called)
      })
    },
  }
}
