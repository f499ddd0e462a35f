import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Ledger } from '../../../scripts/soak/balance.ts'

const argv = process.argv

const ledger: Ledger = {
  balanced: true,
  seed: 1,
  loaded_for_ms: 60_000,
  settled_in_ms: 1000,
  in: 10,
  done: 9,
  failed: 1,
  gone_with_their_queue: 0,
  lost: 0,
  rolled_back: 2,
  commit_unknown: 0,
  unknown_outcomes: { 'lease ran out': 3 },
  ran_again: { jobs: 1, why: { 'lease ran out': 1 }, unexplained: [] },
  parallel: [{ queue: 'mail', workers: 5, most: 4 }],
  findings: {
    neverRan: [],
    wrongEnd: [],
    neverCommitted: [],
    crowds: [],
    tooEarly: [],
    outOfOrder: [],
    lockedWorkers: [],
  },
  accidents: [],
  faults: { 'REST slow': 1 },
  connections_lost: 0,
  memory: [{ process: 'dispatcher', start_mb: 60, most_mb: 80, end_mb: 70 }],
  tables: [{ table: 'supaqueue.job', before: null, after: { table: 'supaqueue.job', kb: 640, indexes_kb: 96 } }],
}

/** Runs the command on a soak that ends with this ledger. Returns its exit code and what it printed. */
async function exitOf(found: Ledger) {
  vi.doMock('../../../scripts/soak/run.ts', () => ({ soak: () => Promise.resolve(found) }))
  const printed: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text).replace(/\n$/, ''))
    return true
  })
  process.argv = ['node', 'soak', '--minutes', '1']
  await import('../../../scripts/soak/soak.ts')
  const { exitCode } = process
  process.exitCode = undefined
  return { exitCode, printed: printed.join('\n') }
}

beforeEach(() => void vi.resetModules())

afterEach(() => {
  process.argv = argv
  vi.restoreAllMocks()
  vi.doUnmock('../../../scripts/soak/run.ts')
})

test('a ledger that balances exits with 0, and every field of it is printed', async () => {
  const { exitCode, printed } = await exitOf(ledger)

  expect(exitCode).toBe(0)
  for (
    const line of [
      /^in +10/m,
      /^done +9/m,
      /^failed +1/m,
      /^lost +0/m,
      /^unknown +3 +lease ran out 3/m,
      /^mail +5 +4$/m,
      /^dispatcher +60 +80 +70$/m,
      /^supaqueue\.job +0 +640 +0 +96$/m,
    ]
  ) expect(printed).toMatch(line)
  expect(printed).toContain('The ledger balances.')
})

test('one that does not balance exits with 1, and says what is wrong', async () => {
  const { exitCode, printed } = await exitOf({
    ...ledger,
    balanced: false,
    lost: 1,
    findings: { ...ledger.findings, neverRan: [7] },
  })

  expect(exitCode).toBe(1)
  expect(printed).toMatch(/^lost +1/m)
  expect(printed).toMatch(/DOES NOT BALANCE[^]*neverRan: 7/)
})
