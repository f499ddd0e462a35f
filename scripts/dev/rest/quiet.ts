import { AsyncLocalStorage } from 'node:async_hooks'

const muffled = new AsyncLocalStorage<true>()
let users = 0
const original = console.error

/**
 * Keeps what a library prints with console.error off the terminal, for the work given to `run` and nothing else. The
 * last `end` gives console.error back.
 */
export function muffle(): { run<T>(work: () => T): T; end(): void } {
  users += 1
  console.error = (...words) => muffled.getStore() ? undefined : original(...words)
  return {
    run: (work) => muffled.run(true, work),
    end() {
      users -= 1
      if (users === 0) console.error = original
    },
  }
}
