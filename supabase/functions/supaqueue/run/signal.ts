/** Calls `ring` once after so many milliseconds; returns what calls that off. */
export type After = (ms: number, ring: () => void) => () => void

export type Signal = {
  ring(): void
  /** Forgets that it rang. */
  hush(): void
  /** Ends when it rings, at once if it rang before, or after `ms` (never, when undefined). Whether it rang. */
  wait(ms?: number): Promise<boolean>
}

/** What a run waits at between two turns. For one who waits. */
export function makeSignal(after: After): Signal {
  let rung = false
  let wake = (): void => {}

  return {
    ring() {
      rung = true
      wake()
    },
    hush() {
      rung = false
    },
    async wait(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const callOff = ms === undefined ? undefined : after(ms, resolve)
          wake = () => {
            callOff?.()
            resolve()
          }
        })
      }
      const rang = rung
      wake = () => {}
      rung = false
      return rang
    },
  }
}
