import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPage, root } from '../support/markdown.ts'

// Each sentence that promises something names the tests that hold it, or says that it promises nothing. A new sentence is red here
// until somebody has said which test that is.

type Proof = [file: string, title: string]

/** What says what is not held, or only where to read on. */
const NOTHING = 'promises nothing'

const once: Proof[] = [
  ['faults/reports.test.ts', 'doubled by two turns at once counts once, and one of them is told'],
  ['faults/reports.test.ts', 'of a call whose job was taken back does not touch the next attempt'],
  ['concurrency/storm.proof.ts', 'only jobs that a killed dispatcher had ran twice'],
]
const kept: Proof[] = [
  ['concurrency/expectations.ts', 'every committed job of a living queue ran, and succeeded'],
  ['faults/dispatcher.test.ts', 'gone with the whole edge host: jobs are taken in meanwhile, and run when it is back'],
  [
    'faults/extensions.test.ts',
    'without its worker takes wake-ups and sends none: jobs wait, and run once it is there',
  ],
  ['faults/postgres.test.ts', 'fast'],
]
const atMost: Proof[] = [['concurrency/expectations.ts', 'no queue ever had more calls at once than workers']]
const unknown: Proof[] = [
  [
    'faults/dispatcher.test.ts',
    'killed with calls in flight: their jobs run again when the leases are over, under the same keys',
  ],
]
const closed: Proof[] = [
  ['migrations/privileges.test.ts', 'cannot read or write any table'],
  ['adversaries/granted_schema.test.ts', 'learns nothing and changes nothing by any function or table'],
  ['adversaries/door.test.ts', 'reads no table and calls no other function'],
]
const goesOn: Proof[] = [
  ['faults/extensions.test.ts', 'missing: jobs are taken in with a warning, and run once it is there again'],
  ['faults/extensions.test.ts', 'without its worker takes wake-ups and sends none'],
  ['adversaries/net_table.test.ts', 'stops no insert by a lock on the table, however many queues it wakes'],
]
const measured: Proof[] = [['docs/measured.test.ts', 'what the four runs have']]
const planned: Proof[] = [
  ...measured,
  ['functions/core/wake/next_look.test.ts', 'without a run that waits, fifteen seconds ahead'],
]
const swept: Proof[] = [
  ['functions/core/sweep/schedule_sweep.test.ts', 'has pg_cron sweep every ten seconds'],
  ['functions/core/sweep/sweep.test.ts', 'wakes it again for claims whose wake-up was lost'],
  ['functions/core/sweep/sweep.test.ts', 'wakes a queue whose leader died'],
]
const lostClaims: Proof[] = [
  [
    'functions/core/sweep/sweep.test.ts',
    'of a claim that its run never said to have called gives the attempt back, three times',
  ],
  ['concurrency/storm.proof.ts', 'every further run is a further attempt, but for three at most'],
]

const readme: Record<string, Proof[] | typeof NOTHING> = {
  'Nothing is lost.': kept,
  'A committed job runs, whatever dies: your function, the dispatcher, pg_net, the database.': [
    ...kept,
    ['faults/function.test.ts', 'is killed with calls in flight is called again for each of them'],
  ],
  'At least once.': unknown,
  'A job runs again only when its last outcome was a failure or is unknown.': once,
  'At most N at a time, N being the workers of its queue.': atMost,
  'One exception: a call whose outcome is unknown may still run somewhere after its lease has ended.': NOTHING,
  'Enqueueing goes on.': goesOn,
  'If something of supaqueue is missing or broken, inserts still commit, at most half a second later, and `supaqueue doctor` says what is wrong.':
    [...goesOn, ['scripts/cli/checks.test.ts', 'doctor names each link that is cut, and what fixes it']],
  'At once, or on time.': measured,
  'A planned job usually starts within a second of its time (measured).': planned,
  'If a wake-up is lost, the next sweep starts the job: within 10 seconds.': swept,
  'Closed.': closed,
  '`anon` and `authenticated` can read and run nothing, until you open one queue.': closed,
}

const page: typeof readme = {
  'At least once, not exactly once.': unknown,
  'A job runs again only when its last outcome was a failure or is unknown: a timeout, a lost connection, a function that died.':
    [
      ...once,
      ['faults/function.test.ts', 'hangs beyond the timeout of its queue uses an attempt, and its worker goes on'],
      ['faults/function.test.ts', 'is killed with calls in flight is called again for each of them'],
    ],
  'Where a second run would do harm, use the `idempotency-key`.': [
    ['walk.test.ts', 'known by the same key each time'],
  ],
  'A call without a body, such as GET, may be sent twice by the runtime itself if the connection breaks.': NOTHING,
  'At most N at a time.': atMost,
  'A queue never has more calls running than workers.': atMost,
  'There is one exception: if the outcome of a call is still unknown when its lease runs out, its worker goes on, and that call may still be running somewhere.':
    NOTHING,
  'Part of your transaction.': [['walk.test.ts', 'a job that is rolled back never was']],
  'A job inserted in a transaction that rolls back is never run.': [
    ['walk.test.ts', 'a job that is rolled back never was'],
    ['concurrency/expectations.ts', 'nothing ran that was rolled back'],
  ],
  'One that is committed is never lost.': kept,
  'How soon.': measured,
  'Usually at once.': measured,
  'A planned job starts within a second of its time (99 of 100, measured): the sweep looks fifteen seconds ahead and wakes a run that waits for it.':
    planned,
  'It may be later when many sleeping queues have jobs for the same second.': NOTHING,
  'If that run dies, and for anything that no event announces, a job starts after the next sweep: within 10 seconds.':
    swept,
  'Your function dies: that attempt counts, and the job is tried again after a wait that grows with each attempt.': [
    ['faults/function.test.ts', 'is killed with calls in flight is called again for each of them'],
    ['functions/core/report/backoff.test.ts', 'backoff'],
  ],
  'The dispatcher dies: claims that no run had taken come back after 15 seconds, with the next sweep.': [
    ['functions/core/claim/claim.test.ts', 'gives a claim that no run has begun a lease of fifteen seconds'],
    [
      'functions/core/sweep/sweep.test.ts',
      'of a claim that no run had begun gives the attempt back and starts the job anew',
    ],
  ],
  "Claims that a run had taken come back when their lease ends: 10 seconds after the queue's timeout.": [
    ['functions/core/claim/claim.test.ts', 'gives a job that a run begins a lease that outlives its call and report'],
    ...unknown,
  ],
  'This uses an attempt only if the call is known to have gone out.': lostClaims,
  'A call that went out just before the death (within 50 milliseconds and a turn) may not be known.': NOTHING,
  'That happens at most three times for a job, which may then be called three times more than `max_attempts`.':
    lostClaims,
  'A secret, an extension or a function is missing: inserts still commit, and the jobs wait.': goesOn,
  'If somebody locks the table of pg_net, or one that only dispatch needs, a commit waits half a second at most.': [
    ['adversaries/net_table.test.ts', 'stops no insert by a lock on the table, however many queues it wakes'],
    ['faults/locked_at_commit.test.ts', 'it does not wait for him'],
  ],
  'Order.': [['walk.test.ts', 'one worker takes job after job, the highest priority first']],
  'Jobs start by priority, then by time.': [
    ['walk.test.ts', 'one worker takes job after job, the highest priority first'],
    ['functions/core/claim/due_jobs.test.ts', 'due'],
  ],
  'Completion order is not guaranteed, unless the queue is `ordered`.': [
    ['functions/modules/order/due_in_line.test.ts', 'the next job of a key begins when the one before has ended'],
    ['concurrency/expectations.ts', 'jobs of an ordered key ran one after the other, retries included'],
  ],
  'Closed by default.': closed,
  '`anon` and `authenticated` can read and run nothing until you `allow` one queue.': closed,
  '`service_role` can read and run everything, except what is for the owner alone: to install, to exchange secrets, to make hooks.':
    [
      ['migrations/privileges.test.ts', 'service_role those that are documented on each table, view and sequence'],
      [
        'migrations/privileges.test.ts',
        'service_role may run every function but triggers, the schedule, the exchange of secrets',
      ],
    ],
}

/** The sentences of a list, without its marks. */
const sentencesOf = (text: string): string[] =>
  text.split(/^- /m).slice(1).flatMap((entry) =>
    entry
      .replace(/\n\n[^]*$/, '')
      .replace(/\s+/g, ' ')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll('**', '')
      .trim()
      .split(/(?<=[.])\s+(?=[A-Z`])/)
  )

const parts: [what: string, text: string, promises: typeof readme][] = [
  ['the front page', readPage('README.md').split('## What it promises')[1]!.split('\n## ')[0]!, readme],
  ['promises in detail', readPage('docs/how-it-works/promises.md'), page],
]

describe.each(parts)('%s', (_, text, promises) => {
  test('every sentence says which tests hold it', () => {
    expect(sentencesOf(text)).toEqual(Object.keys(promises))
  })

  test('those tests are there', () => {
    const missing = Object.values(promises).flatMap((proofs) => proofs === NOTHING ? [] : proofs).filter(
      ([file, title]) => {
        const path = join(root, 'test', file)
        return !existsSync(path) || !readFileSync(path, 'utf8').includes(title)
      },
    )

    expect(missing).toEqual([])
  })
})
