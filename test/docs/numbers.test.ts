import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readLimits } from '../../supabase/functions/supaqueue/settings/limits.ts'
import { itemsOf, pages, readPage, root } from '../support/markdown.ts'

// A number in a page is ours and stands in the code, or was measured by the bench, or is the platform's and has its date. Whoever
// writes another one says here where it comes from.

/** Pages that are generated, hold contracts that are tested word by word, or are all about what was measured or tried. */
const HELD_ELSEWHERE =
  /^docs\/(recipes\/index|reference\/(commands|functions|settings|outcomes|turn|errors)|how-it-works\/(measured|faults|model|interleavings))/

/** Numbers of the code: what pages say, the file that has it, and how it is written there. */
const OURS: [said: string, file: string, written: RegExp][] = [
  ['1 MB', 'migrations/0001_core.sql', /payload_max_bytes\s+integer\s+not null default 1048576/],
  ['1 MB', 'supabase/functions/supaqueue/run/reports.ts', /MOST_LETTERS = 1_000_000/],
  ['1 s', 'supabase/functions/supaqueue/outcome/classify.ts', /'platform busy', outcome: 'deferred', waitMs: 1000/],
  ['1 second', 'migrations/0001_core.sql', /retry_base_ms\s+integer\s+not null default 1000/],
  ['1,000 bytes', 'functions/core/enqueue/check_keys.sql', /dedupe_key\) > 1000/],
  ['1000 bytes', 'functions/core/enqueue/check_keys.sql', /dedupe_key\) > 1000/],
  ['1,000 characters', 'supabase/functions/supaqueue/answer/head.ts', /LENGTH = 1000/],
  ['1.5 s', 'supabase/functions/supaqueue/run/budget.ts', /HANDOVER_MS = 1500/],
  ['10 s', 'supabase/functions/supaqueue/outcome/classify.ts', /'key refused', outcome: 'deferred', waitMs: 10_000/],
  ['10 seconds', 'functions/core/sweep/schedule_sweep.sql', /'10 seconds'/],
  ['10,000 workers', 'functions/core/control/set_concurrency.sql', /between 0 and 10000/],
  ['10 workers', 'functions/modules/api/open_task_type.sql', /10/],
  ['1000 jobs', 'supabase/functions/supaqueue-api/limits.ts', /batch: 1000/],
  ['1000 workers', 'functions/modules/fetchq/queue_create.sql', /set_concurrency\(queue_id::text, 1000\)/],
  ['139 requests', 'test/scripts/dev/rest/postgrest/postgrest.test.ts', /the recording has 139 answers/],
  ['15 seconds', 'functions/core/README.md', /^- `15 seconds` in `claim`/m],
  ['16 MiB', 'supabase/functions/_shared/supaqueue/handle.ts', /maxBytes = 16 \* 1024 \* 1024/],
  ['16 characters', 'supabase/functions/supaqueue/settings/settings.ts', /SHORTEST = 16/],
  ['2 MB', 'supabase/functions/supaqueue-api/limits.ts', /bodyBytes: 2 \* 1024 \* 1024/],
  ['2 s', 'supabase/functions/supaqueue/outcome/classify.ts', /waitMs: 2000/],
  ['2 seconds', 'functions/modules/limits/note_outcomes.sql', /1000 \* 2 \^/],
  ['8 seconds', 'functions/modules/limits/note_outcomes.sql', /1000 \* 2 \^/],
  ['4 seconds', 'migrations/0001_core.sql', /retry_factor\s+double precision\s+not null default 2/],
  ['20 calls', 'supabase/functions/supaqueue/run/decide.ts', /CROWD = 20$/m],
  ['200 requests', 'scripts/dev/standins/net/queue.ts', /batchSize = 200$/m],
  ['24 hours', 'functions/modules/api/prune_api_answers.sql', /interval '24 hours'/],
  ['25 calls', 'supabase/functions/supaqueue/settings/limits.ts', /concurrency: 25/],
  ['25 workers', 'supabase/functions/supaqueue/settings/limits.ts', /concurrency: 25/],
  ['256 kB', 'supabase/functions/_shared/supaqueue/plain.ts', /MOST_RESULT_BYTES = 262_144/],
  ['256 kB', 'supabase/functions/supaqueue/call/call.ts', /DETAILS_BYTES = 262_144/],
  ['30 days', 'migrations/0001_core.sql', /keep_failed\s+interval\s+not null default '30 days'/],
  ['30 days', 'migrations/0007_access.sql', /max_delay\s+interval\s+not null default '30 days'/],
  ['300 s', 'supabase/functions/supaqueue/signature/verify.ts', /MAX_AGE_MS = 300_000/],
  ['4 MB', 'supabase/functions/supaqueue/run/decide.ts', /MOST_BYTES = 4_000_000/],
  ['4 kB', 'supabase/functions/supaqueue/wake/wake_up.ts', /MAX_BYTES = 4096/],
  ['4 kB', 'supabase/functions/supaqueue/message/message.ts', /MAX_STATE_BYTES = 4096/],
  ['400 seconds', 'migrations/0001_core.sql', /timeout_ms between 1 and 400000/],
  ['45 milliseconds', 'supabase/functions/supaqueue/settings/limits.ts', /poll_ms: 45/],
  ['5 minutes', 'functions/modules/limits/note_outcomes.sql', /300000/],
  ['5 s', 'supabase/functions/supaqueue/outcome/classify.ts', /'not deployed', outcome: 'deferred', waitMs: 5000/],
  ['5 seconds', 'supabase/functions/supaqueue/wake/wake_up.ts', /MAX_MS = 5000/],
  ['50 bytes', 'functions/modules/fetchq/queue_enable_notify.sql', /50/],
  ['50 jobs', 'scripts/console/reads/jobs.ts', /PAGE = 50$/m],
  ['50 seconds', 'test/interleavings/scenarios/scenes.ts', /lastFor\(harness, queue, '50 seconds'\)/],
  ['500 jobs', 'scripts/console/reads/jobs.ts', /SORTED = 500$/m],
  ['500 characters', 'supabase/functions/supaqueue/outcome/outcome.ts', /ERROR_LENGTH = 500/],
  ['500 levels', 'functions/core/enqueue/json_fault.sql', /nested more than 500 levels/],
  ['6 hours', 'scripts/dev/standins/net/queue.ts', /keptFor = '6 hours'/],
  ['60 s', 'migrations/0001_core.sql', /timeout_ms\s+integer\s+not null default 60000/],
  ['64 headers', 'supabase/functions/supaqueue-api/limits.ts', /headers: 64/],
  ['64 kB', 'functions/modules/access/allow.sql', /max_bytes integer default 65536/],
  ['7 days', 'migrations/0001_core.sql', /keep_success\s+interval\s+not null default '7 days'/],
  ['8 MB', 'supabase/functions/supaqueue/call/call.ts', /BATCH_BYTES = 8_388_608/],
  ['80 kB', 'test/supabase/functions/supaqueue/bundle.test.ts', /toBeLessThanOrEqual\(80_000\)/],
  ['90 days', 'functions/modules/audit/prune_audit.sql', /else 90 end/],
  ['a thousand jobs', 'functions/core/sweep/sweep.sql', /most integer default 1000/],
  ['a thousand queues', 'functions/modules/prometheus/metrics.sql', /limit 1000/],
  ['fifteen seconds', 'functions/core/README.md', /`15 seconds`/],
  ['five calls', 'functions/modules/limits/note_outcomes.sql', /failures >= 5/],
  ['five minutes', 'migrations/0023_alerts.sql', /clear_after interval\s+not null default '5 minutes'/],
  ['five seconds', 'supabase/functions/supaqueue/direct/direct.ts', /IDLE_MS = 5000/],
  ['five seconds', 'supabase/functions/supaqueue/trace/tracer.ts', /TIMEOUT_MS = 5000/],
  ['half a second', 'functions/modules/order/keep_order.sql', /lock_timeout = '500ms'/],
  ['one minute', 'migrations/0023_alerts.sql', /raise_after interval\s+not null default '1 minute'/],
  ['six characters', 'supabase/functions/supaqueue/answer/redact.ts', /SHORTEST = 6/],
  ['six times', 'functions/core/sweep/schedule_sweep.sql', /six times/],
  ['ten calls', 'functions/modules/alerts/alert_readings.sql', /calls >= 10/],
  ['50 milliseconds', 'supabase/functions/supaqueue/run/state.ts', /TELL_AFTER_MS = 50$/m],
  ['ten seconds', 'functions/core/sweep/schedule_sweep.sql', /'10 seconds'/],
  ['ten thousand', 'functions/modules/failures/failures.sql', /ten thousand/],
  ['ten times', 'functions/core/sweep/sweep.sql', /times/],
  ['two connections', 'scripts/console/source.ts', /CONNECTIONS = 2$/m],
  ['two seconds', 'supabase/functions/supaqueue/settings/limits.ts', /linger_ms: 2000/],
]

/** What the platform limits or bills: a page that says one of these says of which month it is. */
const PLATFORM =
  /\b(150 s(econds)?|400 s(econds)? (on|for)|5,000 (nested )?calls|2 s of CPU|256 MB|\d+ million invocations|a further million)\b|\$\d/

/** Numbers that an example chose, or that a sentence counts by itself. */
const OF_EXAMPLES = new Set([
  ...['10 jobs', '100,000 jobs', '1,000 calls', '1,000 rows', '1 million', '2 million', '3.0 million', '1,600 jobs'],
  ...[
    '2 minutes',
    'four calls',
    'two jobs',
    'two calls',
    '50 workers',
    'three headers',
    'three times',
    'one second',
    'ten minutes',
  ],
  ...['150 s', '150 seconds', '400 s', '256 MB'],
])

/** Measured once by hand, when defaults were chosen: a turn and a job of a run in Deno 2.9. The bench does not repeat it. */
const MEASURED_BY_HAND = ['1 ms', '0.3 ms', '1.6 s']

const UNITS =
  'ms|milliseconds?|s|seconds?|minutes?|hours?|days?|weeks?|kB|MB|MiB|GB|bytes|characters|letters|jobs|rows|calls|times|levels|' +
  'workers|queues|invocations|requests|connections|headers|million|thousand'
const NUMBER = new RegExp(
  `(?<![\\w.#$-])(\\d[\\d,.]*|one|two|three|four|five|six|eight|ten|fifteen|twenty|a thousand|half a) (${UNITS})\\b`,
  'g',
)

/** Numbers with a unit in the prose and tables of a page: without code, and without what is marked as measured. */
function numbersOf(text: string): string[] {
  const prose = text
    .replace(/<!-- (?:from|calculated from) bench\/results\/[\s\S]*?-->\n\n(?:\|.*\n)+/g, '')
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`]*`/g, '')
    .replace(/\s+/g, ' ')
    // What was measured is said in one paragraph, with a link to where it was.
    .replace(/\[Measured\]\([^)]*measured\.md(?:#[\w-]+)?\)[^#]*/g, '')
  return [...prose.matchAll(NUMBER)].map(([number]) => number)
}

const held = pages.filter((page) => page.startsWith('docs/') && !HELD_ELSEWHERE.test(page))

test.each(held)('every number of %s has a source', (page) => {
  const known = new Set([...OURS.map(([said]) => said), ...OF_EXAMPLES, ...MEASURED_BY_HAND])
  expect(numbersOf(readPage(page)).filter((number) => !known.has(number))).toEqual([])
})

test.each(OURS)('"%s" is what %s has', (_, file, written) => {
  expect(readFileSync(join(root, file), 'utf8')).toMatch(written)
})

test('no source is left whose number no page says', () => {
  const said = new Set(held.flatMap((page) => numbersOf(readPage(page))))
  expect(OURS.map(([number]) => number).filter((number) => !said.has(number))).toEqual([])
  expect([...OF_EXAMPLES].filter((number) => !said.has(number))).toEqual([])
})

test.each(held.filter((page) => PLATFORM.test(readPage(page))))("%s dates the platform's numbers", (page) => {
  expect(readPage(page)).toMatch(
    /(January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d/,
  )
})

test('a number would be found', () => {
  expect(numbersOf('It waits 7 seconds, `8 seconds`.\n\n```\n9 seconds\n```\n')).toEqual(['7 seconds'])
  expect(numbersOf('<!-- from bench/results/x.json -->\n\n| a | 3 ms |\n|---|---|\n\nnow 4 ms')).toEqual(['4 ms'])
})

describe('sizing', () => {
  const page = readPage('docs/operate/sizing.md')
  const [, file = ''] = /bench\/results\/([\w-]+\.json)/.exec(page) ?? []
  const { scenarios } = JSON.parse(readFileSync(join(root, 'bench/results', file), 'utf8')) as {
    scenarios: { name: string; tables: { title: string; rows: string[][] }[] }[]
  }
  const table = (scenario: string, title: RegExp) =>
    scenarios.find(({ name }) => name === scenario)!.tables.find((one) => title.test(one.title))!.rows
  const number = (text: string) => Number(/[\d,.]+/.exec(text)![0].replaceAll(',', ''))
  /** Processor time of the database for a job, in ms. */
  const database = (workers: number) => {
    const [, , parts = ''] = table('throughput', /^Processor time/).find(([what]) =>
      what === `no-op function, 100 B, ${workers} at once: supaqueue`
    )!
    return number(/postgres ([\d,.]+)/.exec(parts)![1]!) / 1000
  }

  test('says what the bench measured', () => {
    const perSecond = (workers: number) =>
      number(
        table('throughput', new RegExp(`^Throughput: no-op function, 100 B, ${workers} at once`)).find(([who]) =>
          who === 'supaqueue'
        )![1]!,
      )
    const insert = number(table('enqueue', /one INSERT of one row/).find(([state]) => state === 'awake')![1]!)

    expect(page).toContain(`| ${perSecond(10).toLocaleString('en-US')} | ${perSecond(50).toLocaleString('en-US')} |`)
    expect(page).toContain(`| ${database(10).toFixed(2)} ms | ${database(50).toFixed(2)} ms |`)
    expect(page).toContain(`| ${insert.toFixed(2)} ms | ${insert.toFixed(2)} ms |`)
  })

  test('calculates from that, by cores', () => {
    const rows = [...page.matchAll(/^\| [\w, ]+ \| (\d+)(?:, shared)? \| ([\d,]+)/gm)]
    expect(rows.map(([, cores]) => Number(cores))).toEqual([2, 2, 4, 8, 16])
    for (const [, cores, said] of rows) {
      const most = Math.floor(Number(cores) / 2 * 1000 / database(50) / 100) * 100
      expect(said).toBe(most.toLocaleString('en-US'))
    }
  })
})

describe('cost', () => {
  const page = readPage('docs/operate/cost.md')
  const { limits } = readLimits({})

  test('has the handover of a run', () => {
    expect(page).toContain(`1 for each ${(limits.run_max_jobs * 0.8).toLocaleString('en-US')} jobs`)
    expect(page).toContain(`each ${limits.wall_clock_ms * 0.8 / 60_000} minutes`)
  })

  test('adds up', () => {
    const calls = 100_000 * 30
    expect(page).toContain(
      `| ${calls.toLocaleString('en-US')} | about ${
        (Math.round(calls / (limits.run_max_jobs * 0.8) / 1000) * 1000).toLocaleString('en-US')
      } | ${(calls / 1e6).toFixed(1)} million: $${(calls / 1e6 - 2) * 2} |`,
    )
    expect(page).toContain('| 30,000 | at most 30,000 | 60,000: within the plan |')
  })
})

test('the settings of the dispatcher are those of its code', () => {
  const { limits } = readLimits({})
  const rows = itemsOf(readPage('docs/reference/dispatcher.md'))
    .flatMap((item) => [...item.matchAll(/^`(\w+)` \(default (\S+), from (\d+) to (\d+)\)/g)])

  expect(Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]))).toEqual(
    Object.fromEntries(Object.entries(limits).filter(([, value]) => typeof value === 'number')),
  )
  for (const [, name = '', , min, max] of rows) {
    for (const beyond of [Number(min) - 1, Number(max) + 1]) {
      expect(readLimits({ [name]: String(beyond) }).unusable).toEqual([name])
    }
    for (const within of [min!, max!]) expect(readLimits({ [name]: within }).unusable).toEqual([])
  }
})
