import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Line, startLine } from './support/line.ts'
import { openScene, type Scene, until } from './support/scene.ts'

// A dispatcher that takes its turns over a connection of its own loses nothing with it: turns go by the Data API from then on.

const PASSWORD = 'a long password'

let line: Line
let scene: Scene
let admin: pg.Client
/** Holds the jobs, so that a turn waits. */
let holder: pg.Client

beforeAll(async () => {
  line = await startLine()
  const url = new URL(line.url.replace('http', 'postgresql'))
  Object.assign(url, { username: 'turner', password: PASSWORD, pathname: '/postgres', search: '?sslmode=disable' })
  scene = await openScene({
    direct: true,
    environment: { SUPAQUEUE_DB_URL: url.href },
    async prepare({ adminUrl }) {
      await line.leadTo(adminUrl)
      const client = new pg.Client({ connectionString: adminUrl })
      await client.connect()
      await client.query(`create role turner login password '${PASSWORD}' in role service_role`)
      await client.end()
    },
  })
  await connect()
})

beforeEach(async () => {
  // A run that stays awake keeps its connection.
  await scene.harness.setting('linger_ms', '60000')
  await beginAnew()
})

/** Has the dispatcher be a new isolate, of which nobody knows that a connection broke. */
async function beginAnew(): Promise<void> {
  await scene.stack.edge.killFunction('supaqueue')
  await until(async () => (await admin.query(`select ${THEIRS}`)).rowCount === 0)
  scene.witness.forget()
  scene.lines.length = 0
}

// A test that fails leaves nothing behind for the next one to trip over.
afterEach(async () => {
  await letGo()
  line.silence(false)
  await line.cut()
  await line.fix()
  await admin.query(`alter role turner connection limit -1 password '${PASSWORD}'`)
  await scene.clear()
})

afterAll(async () => {
  await scene?.close()
  await line?.close()
})

async function connect(): Promise<void> {
  admin = await scene.connect(scene.stack.adminUrl)
  holder = await scene.connect(scene.stack.adminUrl)
}

const THEIRS = `from pg_stat_activity where application_name = 'supaqueue dispatcher'`

/** Whether turns go over one. One that is being made is not in the dispatcher's hands yet: it fails by other words. */
const inUse = async () => (await admin.query(`select ${THEIRS} and query like '%direct_turn%'`)).rowCount! > 0
const terminate = () => admin.query(`select pg_terminate_backend(pid) ${THEIRS}`)

/** Has every turn wait, and resolves when one does. */
async function hold(): Promise<void> {
  await holder.query('begin')
  await holder.query('lock table supaqueue.job')
  await until(async () => (await admin.query(`select ${THEIRS} and wait_event_type = 'Lock'`)).rowCount! > 0)
}
/** Whether the database was told of all calls; while it cannot be asked, it was not. */
const allReported = async (queue: string) =>
  await admin.query('select from supaqueue.current_job where queue = $1 limit 1', [queue])
    .then(({ rowCount }) => rowCount === 0, () => false)
const letGo = () => holder.query('rollback')

type Fault = { ill: () => unknown; shows: RegExp; well: () => unknown }

describe('while results wait to be reported, the connection', () => {
  test.each<[string, Fault]>([
    ['is ended by an administrator within a turn', {
      ill: async () => {
        await hold()
        await terminate()
      },
      shows: /"SQ504".*terminating connection/,
      well: letGo,
    }],
    ['is cut', { ill: () => line.cut(), shows: /"SQ504"/, well: () => line.fix() }],
    ['falls silent', {
      ill: () => line.silence(true),
      shows: /"SQ504".*no answer within/,
      well: () => line.silence(false),
    }],
    ...(['fast', 'immediate'] as const).map((mode): [string, Fault] => [`is gone with the server (${mode})`, {
      ill: () => scene.stack.postgres!.stop(mode),
      shows: /the turn failed/,
      well: async () => {
        await scene.stack.postgres!.start()
        await scene.reconnect()
        await connect()
      },
    }]),
  ])('%s: they are reported late, and no function is called twice', async (_, { ill, shows, well }) => {
    let queue: string
    let first: number
    // On a busy machine the connection may have been given back just before it breaks, since nothing went over it for a while.
    for (;;) {
      queue = await scene.queue({ workers: 2 })
      const release = scene.holdAnswers()
      first = await scene.job(queue, { n: 1 })
      await scene.job(queue, { n: 2 })
      await scene.untilCalled(2)
      await until(inUse)

      await ill()
      release()
      await until(async () => scene.said(shows) || await allReported(queue))
      await well()
      if (scene.said(shows)) break
      await beginAnew()
    }

    await scene.untilEnded(queue)
    await scene.job(queue, { n: 3 })
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(Array(3).fill('success 1'))
    expect(await scene.harness.jobRow(first)).toMatchObject({ result: { n: 1 } })
    expect(scene.witness.calls).toHaveLength(3)
    await until(async () => await scene.harness.freeWorkers(queue) === 2)
  })
})

test.each([
  ['there are too many', () => admin.query('alter role turner connection limit 0'), /"SQ504".*too many connections/],
  ['the password is another', () => admin.query(`alter role turner password 'another one'`), /"SQ504".*password/],
  ['nobody is there', () => line.cut(), /"SQ504"/],
])('no connection can be had, as %s: turns go by the Data API, and that is shown once', async (_, ill, shows) => {
  const queue = await scene.queue({ workers: 5 })

  await ill()
  await scene.harness.jobs(queue, 20)
  await scene.untilEnded(queue)
  await until(() => scene.said(shows))

  expect(await scene.fates(queue)).toEqual(Array(20).fill('success 1'))
  expect(scene.witness.calls).toHaveLength(20)
  expect(scene.lines.filter((line) => line.includes('SQ504'))).toHaveLength(1)
})
