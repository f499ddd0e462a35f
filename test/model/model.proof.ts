import { describe, expect, test } from 'vitest'
import { check, missing } from './spin.ts'

const ALL = process.env.MODEL === 'all'
const TEN_MINUTES_MS = 600_000

const LOST_WAKE_UP = '0'
const SECOND_JOB = /claimed\[/

/** What is checked in every state that can be reached. */
const holds: [claim: string, ...switches: string[]][] = [
  ['with two runs, and a user who holds a row'],
  ['with two workers, and calls that hang', 'NW=2', 'HANGS'],
  ['with a run that ends before its time', 'STOPS=1', 'NO_USER'],
  ['with the sweep, when wake-ups get lost and doubled', 'LOST=1', 'DOUBLED=1', 'SWEEP'],
  ['without the signal of a freed worker, as long as no call hangs', 'NO_WORKER_BELL'],
  ['without the second turn after a report, which the signal of a freed worker makes up for', 'NO_C4'],
]

const holdsAtLength: typeof holds = [
  ['with two enqueuers', 'NE=2', 'NO_USER'],
  ['with two enqueuers, and a user who holds a row', 'NE=2'],
  ['with three runs', 'NR=3'],
  ['with the sweep, when a run ends before its time and a user holds a row', 'STOPS=1', 'SWEEP'],
]

/** What is lost without a protection. */
const breaks: [protection: string, violated: string | RegExp, ...switches: string[]][] = [
  ['the advisory lock', LOST_WAKE_UP, 'NO_LOCK'],
  ['the last look of a run that falls asleep', LOST_WAKE_UP, 'NO_LAST_LOOK'],
  ['the lock of a run that leaves', LOST_WAKE_UP, 'NO_IS_KEPT'],
  ['the signal of a freed worker, when another call hangs', LOST_WAKE_UP, 'NO_WORKER_BELL', 'NW=2', 'HANGS'],
  [
    'the second turn after a report, when neither the signal nor the lock of a run that leaves makes up for it',
    LOST_WAKE_UP,
    'NO_C4',
    'NO_WORKER_BELL',
    'NO_IS_KEPT',
    'NO_USER',
  ],
  ['the sweep, when wake-ups get lost', LOST_WAKE_UP, 'LOST=1'],
  ['the sweep, when a run ends in its second turn and a user holds a row', LOST_WAKE_UP, 'STOPS=1'],
  ['locking the rows of free workers', SECOND_JOB, 'NE=2', 'NO_ROW_LOCK'],
]

describe('the model', () => {
  test('can be checked wherever the project is built: spin and cc are there, or this is not CI', () => {
    if (missing.length > 0) console.log(`the model was NOT checked: ${missing.join(' and ')} not found (README.md)`)
    if (process.env.CI) expect(missing).toEqual([])
  })

  if (missing.length > 0) return

  test.each(ALL ? [...holds, ...holdsAtLength] : holds)(
    'loses no wake-up and gives no worker two jobs %s',
    { timeout: TEN_MINUTES_MS },
    async (claim, ...switches) => {
      const { states, ...verdict } = await check(switches, { long: ALL })

      console.log(`${claim}: ${states.toLocaleString('en')} states`)
      expect(verdict).toEqual({ holds: true, violated: undefined })
    },
  )

  test.each(breaks)('fails without %s', { timeout: TEN_MINUTES_MS }, async (_, violated, ...switches) => {
    expect((await check(switches)).violated).toMatch(violated)
  })
})
