import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stack, startStack } from '../../scripts/dev/stack.ts'
import { type ActName, acts } from '../../scripts/soak/acts/all.ts'
import { makeBook } from '../../scripts/soak/book.ts'
import { type LoadQueues, makeQueues, queuesOfLoad } from '../../scripts/soak/load_queues.ts'
import { accidentsIn, logLinePrefix } from '../../scripts/soak/log.ts'
import { makeRandom } from '../../scripts/soak/random.ts'
import { recordedFunctions, type Recorder, startRecorder } from '../../scripts/soak/recorder.ts'
import { until } from '../support/until.ts'

// The wake-up race, played as often as the machine allows: queues go to sleep as soon as they are idle, and that is when
// their clients, who wait for one job before they enqueue the next, come back. No sweep would find what nobody heard.

const clients = 20
const times = 8

let recorder: Recorder
let stack: Stack
let admin: pg.Client
let asleep = 0

beforeAll(async () => {
  recorder = await startRecorder()
  stack = await startStack({
    functions: [recordedFunctions],
    environment: recorder.environment,
    rest: 'thin',
    pacing: false,
    cron: false,
    // As in the storm: nothing is to wait for an isolate that starts.
    edge: { wallClockMs: 3_600_000 },
    postgres: { settings: { log_line_prefix: logLinePrefix } },
    log: (line) => asleep += line.includes('"reason":"asleep"') ? 1 : 0,
  })
  admin = await connect()
  await admin.query(`insert into supaqueue.setting (name, value) values ('linger_ms', '0'), ('poll_ms', '10')`)
})

afterAll(async () => {
  await admin?.end()
  await stack?.stop()
  await recorder?.close()
})

test('who waits for a job before enqueuing the next never waits in vain, however the queues fall asleep', async () => {
  const plans = Array.from(
    { length: clients * 2 },
    (_, n) => ({ kind: 'fixed' as const, name: `queue ${n}`, workers: 2 }),
  )
  const { all } = await makeQueues(admin, recorder.visits, plans)

  // Two queues each, and nobody else's: another client would wake what is stuck.
  await Promise.all(
    Array.from({ length: clients }, (_, place) => wait(queuesOfLoad(all.slice(place * 2, place * 2 + 2)), place)),
  )

  expect(asleep).toBeGreaterThan(clients)
  expect(recorder.visits.crowds()).toEqual([])
  expect([...recorder.visits.all()].filter(([, visits]) => visits.length > 1)).toEqual([])
  expect(accidentsIn(readFileSync(stack.postgres!.log, 'utf8'))).toEqual([])
})

// The run that puts a queue to sleep comes back for what is planned. Meanwhile another is woken, leads, and falls asleep, too.
test('a job planned in a moment runs without any sweep, whoever is woken and leaves before its time', async () => {
  const { visits } = recorder
  const plans = Array.from({ length: 10 }, (_, n) => ({ kind: 'fixed' as const, name: `planned ${n}`, workers: 2 }))
  const { all } = await makeQueues(admin, visits, plans)

  await Promise.all(all.map(async ({ id: queue }, place) => {
    const random = makeRandom(100 + place)
    const db = await connect()
    await db.query('set role service_role')
    const enqueue = async (ms: number): Promise<number> => {
      const { rows: [job] } = await db.query<{ id: string }>(
        `insert into supaqueue.job (queue, run_at, payload)
         values ($1, clock_timestamp() + $2 * interval '1 millisecond', '{"ms": 0}') returning id`,
        [queue, ms],
      )
      return Number(job!.id)
    }
    for (let time = 0; time < times * 3; time++) {
      const planned = await enqueue(450)
      // A little before the run is back: who comes later would wake what is stuck.
      await pause(300 + random.below(60))
      await enqueue(0)
      await until(() => Promise.resolve(visits.of(planned).length > 0))
    }
    await db.end()
  }))

  expect(visits.crowds()).toEqual([])
})

// Many whose triggers fire long before their commit: they rely on a run that was awake then.
const weights: Partial<Record<ActName, number>> = { plain: 3, single: 3, crossing: 1, immediate: 6, savepoints: 1 }

/** Enqueues and waits, again and again. */
async function wait(queues: LoadQueues, place: number): Promise<void> {
  const { visits } = recorder
  const random = makeRandom(place)
  const db = await connect()
  await db.query('set role service_role')
  const hand = { db, random, queues, visits, order: () => ({ ms: 0 }), mark: () => Promise.resolve() }
  for (let time = 0; time < times; time++) {
    const book = makeBook()
    await acts[random.weighted(weights)]({ ...hand, book })
    await until(() => Promise.resolve([...book.jobs().keys()].every((job) => visits.of(job).length > 0)))
    await pause(random.below(40))
  }
  await db.end()
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: stack.databaseUrl })
  await client.connect()
  return client
}
