import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// A machine's load may make a test slow, never red. So no test waits for a while and then expects something to have
// happened (it asks until it has: test/support/until.ts), and none measures how long something took (the bench does, and
// where time itself is the matter, a clock is set). What stands here may, for the reason given.

const SLEEPS: Record<string, string> = {
  'adversaries/copied_wake_up.test.ts': 'is a sender that takes its time, by a clock that is set',
  'adversaries/flood.test.ts': 'is a statement that is cancelled, or runs into its timeout',
  'concurrency/storm.ts': 'faults come at moments of a storm; what is expected does not depend on them',
  'concurrency/wake_ups.proof.ts': 'random pauses between enqueues; each job is then waited for',
  'console/steady.test.ts': 'has the page paint what it knows; no time is given to it',
  'control/snooze.test.ts': 'makes a while pass; nothing is expected to have happened in it',
  'hooks/run_backfills.test.ts': 'is a slow condition, whose time the sweep itself counts',
  'repair/is_watched.test.ts': 'is a check that sleeps for no time; nothing is expected to have happened in it',
  'sweep/schedule_sweep.test.ts': 'takes the pauses out of the command that it runs',
  'sweep/slow.test.ts': 'is a slow trigger, whose time the sweep itself counts',
  'sweep/sweep.test.ts': 'is a slow statement, whose time the sweep itself counts',
  'interleavings/play.ts': 'looks again whether a session waits for a lock',
  'scripts/dev/edge/host.test.ts': 'is inside of functions that take their time',
  'scripts/dev/rest/rest.test.ts': 'is a request that is cancelled; and looks again whether it is',
  'supabase/functions/_shared/supaqueue/steps.test.ts':
    'is inside of steps that take their time, or come in another order',
  'supabase/functions/supaqueue/support/deps.ts': 'is the real clock of the program that is tested',
  'supabase/functions/supaqueue/index.test.ts': 'is the real clock of the program that is tested',
  'supabase/functions/supaqueue/support/project.ts': 'is the real clock of what is tested',
  'supabase/functions/supaqueue/support/server.ts': 'asks until something has happened',
  'support/functions/turnstile/index.ts': 'is a function that takes its time',
  'support/until.ts': 'asks until something has happened',
  'troubles.test.ts': 'is inside of a function that takes its time',
}

const root = join(import.meta.dirname, '..')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const having = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8'))).sort()

// Of less than the five minutes that every test has.
const SHORT_LIMIT =
  /\btestTimeout: (?:\d{1,2}|[12]\d\d)_?000\b|\btimeout: (?:\d{2}|[12]\d\d)_000 \}|^ +timeout: (?:\d{2}|[12]\d\d)_000,?$|\bset\w*Timeout\((?:\d{1,2}|[12]\d\d)_?000\)|^\s*\}, (?:\d{1,2}|[12]\d\d)_?000\)$|\buntil\([^\n]*, (?:\d{1,2}|[12]\d\d)_?000\)$|\bdeadline = Date\.now\(\) \+ (?:\d{1,2}|[12]\d\d)_?000\b/m

const SLEEP = /pg_sleep\(|from 'node:timers\/promises'|\bsetTimeout\(/
// A difference to a time that was read before. What lies minutes ahead or behind is no matter of load.
const MEASURE =
  /expect\([^\n]*(?:Date|performance)\.now\(\) - \w+\)\.|expect\(\w*(?:elapsed|duration|took)\w*\)\.toBe(?:Less|Greater|Close)/i

/** Files without a reason, and reasons without a file, by the end of their paths. */
function unexplained(files: string[], reasons: Record<string, string>): string[] {
  const ends = Object.keys(reasons)
  return [
    ...files.filter((file) => !ends.some((end) => `/${file}`.endsWith(`/${end}`))),
    ...ends.filter((end) => !files.some((file) => `/${file}`.endsWith(`/${end}`))),
  ]
}

test('no test sleeps, but for a reason', () => {
  expect(unexplained(having(SLEEP), SLEEPS)).toEqual([])
})

test('no test, and nothing that a test waits for, has a limit that is shorter than that of all', () => {
  expect(having(SHORT_LIMIT)).toEqual([])
})

// Of less than the twenty-five minutes that every proof has: it does many things, one after the other.
const SHORT_PROOF = /\btimeout: \d{1,3}_000\b|\btimeout: 1_[0-4]\d\d_000\b|^\s*\}, \d{1,3}_000\)$/m

test('no proof has a limit that is shorter than that of all', () => {
  expect(having(SHORT_PROOF).filter((file) => file.endsWith('.proof.ts'))).toEqual([])
})

// The browser's own limit is thirty seconds.
test('every page of a browser is waited for as long as everything else is', () => {
  expect(having(/\bbrowser\.new(?:Context|Page)\(/)).toEqual(['console/support/browser.ts'])
})

test('no test expects something of how long it took', () => {
  expect(having(MEASURE)).toEqual([])
})
