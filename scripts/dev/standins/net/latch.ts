/** The original's way of being woken: a latch that is set, and a wish that is remembered. */
export type Latch = {
  /** Somebody has committed a request. */
  wake(): void
  /** Whether somebody has since the last time this was asked. */
  takeWish(): boolean
  /** Ends the present wait, or the next one. */
  set(): void
  /** Resolves when the latch is set, or after `timeoutMs` if one is given. */
  wait(timeoutMs?: number): Promise<void>
  /** Makes the present wait and all further ones fail. */
  break(reason: Error): void
}

/**
 * A wake sets the latch only if no wish is outstanding, as in the original. So of many wakes during a busy second the
 * first cuts the pause short, and the others wait it out.
 */
export function makeLatch(): Latch {
  let wished = false
  let isSet = false
  let broken: Error | undefined
  let look = () => {}

  const set = () => {
    isSet = true
    look()
  }

  return {
    wake() {
      if (wished) return
      wished = true
      set()
    },
    takeWish() {
      const was = wished
      wished = false
      return was
    },
    set,
    wait: (timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = timeoutMs === undefined ? undefined : setTimeout(set, timeoutMs)
        look = () => {
          if (!isSet && !broken) return
          clearTimeout(timer)
          look = () => {}
          isSet = false
          if (broken) reject(broken)
          else resolve()
        }
        look()
      }),
    break(reason) {
      broken = reason
      look()
    },
  }
}
