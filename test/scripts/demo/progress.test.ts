import { describe, expect, test } from 'vitest'
import { makeProgress } from '../../../scripts/demo/progress.ts'

const half = { pending: 2, running: 3, done: 4, failed: 1 }

function paper(terminal: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = []
  return { written, out: { ...terminal, write: (text: string) => written.push(text) } }
}

describe('progress in a terminal', () => {
  test('is one line that is drawn over', () => {
    const { written, out } = paper({ isTTY: true, columns: 100 })

    makeProgress(out).show(half, 2500)

    expect(written).toEqual([
      `\r\x1b[K[${'#'.repeat(15)}${'.'.repeat(15)}]  pending 2  running 3  done 4  failed 1  2.0 jobs/s`,
    ])
  })

  test.each([80, 40, 10])('fits into %i columns, as a line that wraps could not be drawn over', (columns) => {
    const { written, out } = paper({ isTTY: true, columns })

    makeProgress(out).show(half, 2500)

    expect(written[0]!.replace('\r\x1b[K', '').length).toBeLessThan(columns)
  })
})

describe('progress elsewhere', () => {
  test('is a plain line a second, and a last one at the end', () => {
    const { written, out } = paper()
    const progress = makeProgress(out)

    progress.show({ ...half, done: 0 }, 100)
    progress.show({ ...half, done: 2 }, 600)
    progress.show({ ...half, done: 3 }, 1200)
    progress.show({ ...half, done: 4 }, 1300)
    progress.end()

    expect(written).toEqual([
      'pending 2  running 3  done 0  failed 1  10.0 jobs/s\n',
      'pending 2  running 3  done 3  failed 1  3.3 jobs/s\n',
      'pending 2  running 3  done 4  failed 1  3.8 jobs/s\n',
    ])
  })
})
