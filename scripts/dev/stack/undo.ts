/** What has been started so far, so that it can be stopped again: in the opposite order, once, and all of it. */
export type Undo = { add(stop: () => unknown): void; run(): Promise<void> }

export function makeUndo(): Undo {
  const stops: (() => unknown)[] = []
  let running: Promise<void> | undefined

  const runAll = async () => {
    const failures: unknown[] = []
    for (const stop of stops.reverse()) {
      // One that does not stop must not keep the others running.
      try {
        await stop()
      } catch (reason) {
        failures.push(reason)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `Not everything stopped: ${failures.join('; ')}`)
  }
  return { add: (stop) => void stops.push(stop), run: () => running ??= runAll() }
}
