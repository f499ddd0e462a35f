import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { migrationFiles } from '../../../../scripts/cli/database/files.ts'
import { ask } from '../../../support/ask.ts'
import { type House, test } from '../../../support/house.ts'
import { root } from '../../../support/markdown.ts'
import { refusal } from '../../../support/refusal.ts'

// What a user may set so that a call does more, or less, or in order, is never silent: what is wrong is refused by a name
// that says what is right, the reference has a line, there is a type, the console shows it, and explain says what it does.

type Column = {
  /** What it cannot be, and what refuses it; undefined: any text will do, and the database writes it. */
  wrong: [value: unknown, refused: RegExp] | undefined
  /** Makes a job that feels it. Returns the job. */
  job: (house: House) => Promise<number>
  explained: RegExp
  /** The name that the console has for it, if it is another. */
  shown?: string
}

const all = async (house: House, queue: string) => void (await house.take(randomUUID(), queue))

const begun = async (house: House, settings: Parameters<House['queue']>[0], jobs: Parameters<House['job']>[1][]) => {
  const queue = await house.queue(settings)
  const ids: number[] = []
  for (const one of jobs) ids.push(await house.job(queue, one))
  await house.workers(queue, 1)
  await all(house, queue)
  return ids
}

const filling = async (house: House, settings: Parameters<House['queue']>[0] = {}) =>
  house.job(await house.queue({ workers: 1, batch_size: 5, batch_wait_ms: 3_600_000, ...settings }), {
    concurrency_key: 'tenant',
  })

const published = async (house: House) => {
  const topic = `order-${randomUUID()}`
  await ask(house, 'subscribe', { pattern: `${topic}.*`, queue: await house.queue(), filter: { country: 'de' } })
  const { rows: [row] } = await house.db.query('select supaqueue.publish($1, $2) as ids', [
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
    job: (house) => filling(house, { batch_by: 'key' }),
    explained: /its batch with the key 'tenant'/,
  },
  'queue.batch_counts': {
    wrong: ['bytes', /batch_counts_are_jobs_or_calls/],
    async job(house) {
      const name = `limit-${randomUUID()}`
      await house.db.query(
        `insert into supaqueue.rate_limit (name, max_rps, free_at) values ($1, 0.0001, now() + interval '1 hour')`,
        [name],
      )
      const queue = await house.queue({ workers: 1, batch_size: 5 })
      await house.update('queue', queue, { rate_limit: name, batch_counts: 'calls' })
      return await house.job(queue)
    },
    explained: /lets the next call begin in/,
  },
  'queue.ordered': {
    wrong: ['time', /ordered_is_key_or_queue/],
    job: async (house) => {
      const key = { concurrency_key: 'tenant' }
      return (await begun(house, { ordered: 'key' }, [key, key]))[1]!
    },
    explained: /comes before it with the key 'tenant', and is running/,
  },
  'queue.after_failure': {
    wrong: ['stop', /after_failure_is_block_or_continue/],
    async job(house) {
      const key = { concurrency_key: 'tenant' }
      const [first, second] = await begun(house, { ordered: 'key' }, [key, key])
      await house.update('job', first!, { status: 'failed' })
      return second!
    },
    explained: /and failed: select supaqueue\.retry\(\d+\); or, to skip it, select supaqueue\.cancel/,
  },
  'queue.dedupe_until': {
    wrong: ['ever', /dedupe_until_is_begun_finished_or_pruned/],
    job: async (house) => (await begun(house, { dedupe_until: 'begun' }, [{ dedupe_key: 'page' }]))[0]!,
    explained: /its key 'page' is free for the next one since it began/,
  },
  'job.batch_limit': {
    wrong: [0, /batch_limit_is_positive/],
    async job(house) {
      const job = await house.job(await house.queue({ batch_size: 5 }))
      await house.update('job', job, { batch_limit: 2 })
      return job
    },
    explained: /a call with this job and others died; it is called with one other at most/,
  },
  'job.begun_key': {
    wrong: undefined,
    job: async (house) => (await begun(house, { dedupe_until: 'begun' }, [{ dedupe_key: 'page' }]))[0]!,
    explained: /its key 'page' is free for the next one/,
  },
  'current_job.call_size': {
    wrong: [0, /call_size_and_place_fit_a_batch/],
    job: async (house) => (await begun(house, { batch_size: 5 }, [{}, {}]))[0]!,
    explained: /in a call of 2 jobs/,
    shown: 'explain',
  },
  'throttled_key.free_at': {
    wrong: ['10000-01-01', /free_at_is_in_1900_to_9999/],
    async job(house) {
      const queue = await house.queue({ workers: 1, dedupe_until: 'begun' })
      const enqueue = () => ask(house, 'enqueue', { queue, dedupe_key: 'site', throttle: '1 hour' })
      await enqueue()
      await all(house, queue)
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
    test('refuses what it cannot be, by a name that says what it can', async ({ house }) => {
      const rows: Record<string, () => Promise<unknown>> = {
        queue: () => house.queue({ [column]: value }),
        job: async () => house.job(await house.queue(), { [column]: value }),
        current_job: async () => {
          const [id] = await begun(house, {}, [{}])
          await house.db.query(`update supaqueue.current_job set ${column} = $2 where job = $1`, [id, value])
        },
        throttled_key: async () =>
          house.db.query(`insert into supaqueue.throttled_key (queue, key, ${column}) values ($1, 'k', $2)`, [
            await house.queue(),
            value,
          ]),
        subscription: async () =>
          house.db.query(
            `insert into supaqueue.subscription (queue, pattern, filter) values ($1, $2, $3)`,
            [await house.queue(), column === 'pattern' ? value : 'a', column === 'filter' ? value : null],
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

  test('is told of by explain', async ({ house }) => {
    expect((await ask(house, 'explain', { job: await job(house) })).text).toMatch(explained)
  })
})
