import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { migrationFiles } from '../../../../scripts/cli/database/files.ts'
import { ask } from '../../../support/ask.ts'
import { type Harness, test } from '../../../support/harness.ts'
import { root } from '../../../support/markdown.ts'
import { refusal } from '../../../support/refusal.ts'

// What a user may set so that a call does more, or less, or in order, is never silent: what is wrong is refused by a name
// that says what is right, the reference has a line, there is a type, the console shows it, and explain says what it does.

type Column = {
  /** What it cannot be, and what refuses it; undefined: any text will do, and the database writes it. */
  wrong: [value: unknown, refused: RegExp] | undefined
  /** Makes a job that feels it. Returns the job. */
  job: (harness: Harness) => Promise<number>
  explained: RegExp
  /** The name that the console has for it, if it is another. */
  shown?: string
}

const all = async (harness: Harness, queue: string) => void (await harness.take(randomUUID(), queue))

const begun = async (
  harness: Harness,
  settings: Parameters<Harness['queue']>[0],
  jobs: Parameters<Harness['job']>[1][],
) => {
  const queue = await harness.queue(settings)
  const ids: number[] = []
  for (const one of jobs) ids.push(await harness.job(queue, one))
  await harness.workers(queue, 1)
  await all(harness, queue)
  return ids
}

const filling = async (harness: Harness, settings: Parameters<Harness['queue']>[0] = {}) =>
  harness.job(await harness.queue({ workers: 1, batch_size: 5, batch_wait_ms: 3_600_000, ...settings }), {
    concurrency_key: 'tenant',
  })

const published = async (harness: Harness) => {
  const topic = `order-${randomUUID()}`
  await ask(harness, 'subscribe', { pattern: `${topic}.*`, queue: await harness.queue(), filter: { country: 'de' } })
  const { rows: [row] } = await harness.db.query('select supaqueue.publish($1, $2) as ids', [
    `${topic}.paid`,
    { country: 'de' },
  ])
  return Number(row.ids[0])
}

const columns: Record<string, Column> = {
  'queue.batch_size': {
    wrong: [0, /batch_size_is_1_to_1000/],
    job: filling,
    explained: /its batch .*has 1 of 5 jobs/,
  },
  'queue.batch_wait_ms': {
    wrong: [-1, /batch_wait_ms_is_at_most_an_hour/],
    job: filling,
    explained: /is called in .* at the latest/,
  },
  'queue.batch_by': {
    wrong: ['queue', /batch_by_is_key/],
    job: (harness) => filling(harness, { batch_by: 'key' }),
    explained: /its batch with the key 'tenant'/,
  },
  'queue.batch_counts': {
    wrong: ['bytes', /batch_counts_are_jobs_or_calls/],
    async job(harness) {
      const name = `limit-${randomUUID()}`
      await harness.db.query(
        `insert into supaqueue.rate_limit (name, max_rps, free_at) values ($1, 0.0001, now() + interval '1 hour')`,
        [name],
      )
      const queue = await harness.queue({ workers: 1, batch_size: 5 })
      await harness.update('queue', queue, { rate_limit: name, batch_counts: 'calls' })
      return await harness.job(queue)
    },
    explained: /lets the next call begin in/,
  },
  'queue.ordered': {
    wrong: ['time', /ordered_is_key_or_queue/],
    job: async (harness) => {
      const key = { concurrency_key: 'tenant' }
      return (await begun(harness, { ordered: 'key' }, [key, key]))[1]!
    },
    explained: /comes before it with the key 'tenant', and is running/,
  },
  'queue.after_failure': {
    wrong: ['stop', /after_failure_is_block_or_continue/],
    async job(harness) {
      const key = { concurrency_key: 'tenant' }
      const [first, second] = await begun(harness, { ordered: 'key' }, [key, key])
      await harness.update('job', first!, { status: 'failed' })
      return second!
    },
    explained: /and failed: select supaqueue\.retry\(\d+\); or, to skip it, select supaqueue\.cancel/,
  },
  'queue.dedupe_until': {
    wrong: ['ever', /dedupe_until_is_begun_finished_or_pruned/],
    job: async (harness) => (await begun(harness, { dedupe_until: 'begun' }, [{ dedupe_key: 'page' }]))[0]!,
    explained: /its key 'page' is free for the next one since it began/,
  },
  'job.batch_limit': {
    wrong: [0, /batch_limit_is_positive/],
    async job(harness) {
      const job = await harness.job(await harness.queue({ batch_size: 5 }))
      await harness.update('job', job, { batch_limit: 2 })
      return job
    },
    explained: /a call with this job and others died; it is called with one other at most/,
  },
  'job.begun_key': {
    wrong: undefined,
    job: async (harness) => (await begun(harness, { dedupe_until: 'begun' }, [{ dedupe_key: 'page' }]))[0]!,
    explained: /its key 'page' is free for the next one/,
  },
  'current_job.call_size': {
    wrong: [0, /call_size_and_place_fit_a_batch/],
    job: async (harness) => (await begun(harness, { batch_size: 5 }, [{}, {}]))[0]!,
    explained: /in a call of 2 jobs/,
    shown: 'explain',
  },
  'throttled_key.free_at': {
    wrong: ['10000-01-01', /free_at_is_in_1900_to_9999/],
    async job(harness) {
      const queue = await harness.queue({ workers: 1, dedupe_until: 'begun' })
      const enqueue = () => ask(harness, 'enqueue', { queue, dedupe_key: 'site', throttle: '1 hour' })
      await enqueue()
      await all(harness, queue)
      return await enqueue()
    },
    explained: /is due in .*, since jobs with the key 'site' are throttled/,
    shown: 'explain',
  },
  'subscription.pattern': {
    wrong: ['a..b', /pattern_is_words_and_stars/],
    job: published,
    explained: /made of what was published as order-\S+\.paid, since its queue subscribed to order-\S+\.\*/,
    shown: 'subscription',
  },
  'subscription.filter': {
    wrong: ['[1]', /filter_is_an_object/],
    job: published,
    explained: /where the payload has \{"country": "de"\}/,
    shown: 'subscription',
  },
}

/** Of these no user says anything: keys, places in a call, and when a row was made. */
const INNER = [
  ...['current_job.call', 'current_job.place', 'throttled_key.queue', 'throttled_key.key'],
  ...['subscription.id', 'subscription.created_at', 'subscription.queue'],
]

/** The columns that these migrations add. */
function added(): string[] {
  const texts = migrationFiles([]).filter(({ name }) =>
    /batches|begun_keys|bursts$|subscriptions|core_ordered/.test(name)
  )
  return texts.flatMap(({ sql }) => [
    ...[...sql.matchAll(/alter table supaqueue\.(\w+)([^;]*);/g)].flatMap(([, table, body = '']) =>
      [...body.matchAll(/add column (\w+)/g)].map(([, column]) => `${table}.${column}`)
    ),
    ...[...sql.matchAll(/create table supaqueue\.(\w+) \(([\s\S]*?)\n\);/g)].flatMap(([, table, body = '']) =>
      [...body.matchAll(/^ {2}(?!constraint)(\w+) +\w/gm)].map(([, column]) => `${table}.${column}`)
    ),
  ])
}

const read = (folder: string, ending: RegExp): string =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path) && !path.includes('node_modules'))
    .map((path) => readFileSync(join(root, folder, path), 'utf8')).join('\n')

test('each column that was added is here', () => {
  expect([...new Set(added())].filter((column) => !INNER.includes(column)).sort()).toEqual(
    // Was there before, and got one more value.
    Object.keys(columns).filter((column) => column !== 'queue.dedupe_until').sort(),
  )
})

describe.for(Object.entries(columns))('%s', ([name, { wrong, job, explained, shown }]) => {
  const [table = '', column = ''] = name.split('.')

  // Where nothing is refused, nobody but the database writes.
  for (const [value, refused] of wrong ? [wrong] : []) {
    test('refuses what it cannot be, by a name that says what it can', async ({ harness }) => {
      const rows: Record<string, () => Promise<unknown>> = {
        queue: () => harness.queue({ [column]: value }),
        job: async () => harness.job(await harness.queue(), { [column]: value }),
        current_job: async () => {
          const [id] = await begun(harness, {}, [{}])
          await harness.db.query(`update supaqueue.current_job set ${column} = $2 where job = $1`, [id, value])
        },
        throttled_key: async () =>
          harness.db.query(`insert into supaqueue.throttled_key (queue, key, ${column}) values ($1, 'k', $2)`, [
            await harness.queue(),
            value,
          ]),
        subscription: async () =>
          harness.db.query(
            `insert into supaqueue.subscription (queue, pattern, filter) values ($1, $2, $3)`,
            [await harness.queue(), column === 'pattern' ? value : 'a', column === 'filter' ? value : null],
          ),
      }
      const { message } = await refusal(rows[table]!())

      expect(message).toMatch(refused)
    })
  }

  test('has a line in the reference, and a type', () => {
    const line = new RegExp(`\`(${table}\\.)?${column}\`|\\b${table}\\.${column}\\b`)

    expect(read('docs/reference', /\.md$/)).toMatch(line)
    expect(read('supabase/functions/_shared/supaqueue', /database_types\.ts$/)).toMatch(new RegExp(`\\b${column}\\??:`))
  })

  test('is shown in the console', () => {
    expect(read('console', /\.tsx?$/)).toMatch(new RegExp(`\\b${shown ?? column}\\b`))
  })

  test('is told of by explain', async ({ harness }) => {
    expect((await ask(harness, 'explain', { job: await job(harness) })).text).toMatch(explained)
  })
})
