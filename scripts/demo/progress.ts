import type { Counts } from './watch.ts'

/** Shows how far the jobs are: in a terminal as one line that changes, elsewhere as a line a second. */
export type Progress = { show(counts: Counts, elapsedMs: number): void; end(): void }

type Out = { write(text: string): unknown; isTTY?: boolean; columns?: number }

const widest = 30

export const makeProgress = (out: Out): Progress => out.isTTY ? makeLiveProgress(out) : makePlainProgress(out)

function makeLiveProgress(out: Out): Progress {
  return {
    show(counts, elapsedMs) {
      // A line that wraps could not be drawn over.
      const width = (out.columns ?? 80) - 1
      const text = describe(counts, elapsedMs)
      out.write(`\r\x1b[K${`${bar(counts, width - text.length - 4)}  ${text}`.slice(0, width)}`)
    },
    end: () => void out.write('\n'),
  }
}

function makePlainProgress(out: Out): Progress {
  let shownMs = -Infinity
  let shown = ''
  let waiting: string | undefined
  const print = (line: string) => {
    waiting = undefined
    if (line !== shown) out.write(`${shown = line}\n`)
  }
  return {
    show(counts, elapsedMs) {
      waiting = describe(counts, elapsedMs)
      if (elapsedMs - shownMs < 1000) return
      shownMs = elapsedMs
      print(waiting)
    },
    end: () => waiting && print(waiting),
  }
}

function bar({ pending, running, done, failed }: Counts, room: number): string {
  const width = Math.max(4, Math.min(room, widest))
  const share = (done + failed) / Math.max(1, pending + running + done + failed)
  const full = Math.round(share * width)
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}]`
}

const describe = ({ pending, running, done, failed }: Counts, elapsedMs: number): string => {
  const perSecond = ((done + failed) / Math.max(elapsedMs, 1) * 1000).toFixed(1)
  return `pending ${pending}  running ${running}  done ${done}  failed ${failed}  ${perSecond} jobs/s`
}
