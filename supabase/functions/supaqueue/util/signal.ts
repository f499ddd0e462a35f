/** Calls `wake` once after so many milliseconds; returns what calls that off. */
export type After = (ms: number, wake: () => void) => () => void

export type Signal = {
  notify(): void
  /** Forgets that it was notified. */
  forget(): void
  /** Ends when it is notified, at once if it was before, or after `ms` (never, when undefined). Whether it was notified. */
  wait(ms?: number): Promise<boolean>
}

/** What a run waits at between two turns. For one who waits. */
export function makeSignal(after: After): Signal {
  let notified = false
  let wake = (): void => {}

  return {
    notify() {
      notified = true
      wake()
    },
    forget() {
      notified = false
    },
    async wait(ms) {
      if (!notified) {
        await new Promise<void>((resolve) => {
          const callOff = ms === undefined ? undefined : after(ms, resolve)
          wake = () => {
            callOff?.()
            resolve()
          }
        })
      }
      const was = notified
      wake = () => {}
      notified = false
      return was
    },
  }
}
