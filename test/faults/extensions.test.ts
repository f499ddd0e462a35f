import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startCronScheduler } from '../../scripts/dev/standins/cron/scheduler.ts'
import { type NetWorker, startNetWorker } from '../../scripts/dev/standins/net/worker.ts'
import { receiver } from '../scripts/dev/support/receiver.ts'
import { openScene, type Scene, until } from './support/scene.ts'

const previousSecret = randomBytes(32).toString('hex')
let scene: Scene
let net: NetWorker
// Where another user of pg_net sends requests to.
let slow: Awaited<ReturnType<typeof receiver>>

beforeAll(async () => {
  slow = await receiver()
  // With pg_net's own pace: its batches and pauses are what these tests are about. Nothing sweeps by itself.
  scene = await openScene({ pacing: true, environment: { SUPAQUEUE_SECRET_PREVIOUS: previousSecret } })
  net = scene.stack.net!
})

beforeEach(() => scene.witness.forget())

afterAll(async () => {
  slow?.release()
  await net?.stop()
  await scene?.close()
  await slow?.close()
})

/** Statuses of what the dispatcher answered to wake_ups, so far as pg_net knows. */
async function answers(): Promise<number[]> {
  const sql =
    `select status_code from net._http_response where content like '%"run"%' or content like '%"SQ%' order by id`
  return (await scene.db.query(sql)).rows.map(({ status_code }) => status_code)
}

describe('pg_net', () => {
  afterEach(() => net.setIntercept(() => 'send'))

  test('without its worker takes wake-ups and sends none: jobs wait, and run once it is there', async () => {
    const queue = await scene.queue({ workers: 2 })
    await net.stop()
    await scene.harness.jobs(queue, 3)
    // Leases run out, sweeps wake in vain.
    for (let minutes = 0; minutes < 3; minutes++) {
      await scene.pass('1 minute', queue)
      await scene.sweep()
    }
    expect(await scene.harness.wakeUps(queue)).toBeGreaterThan(1)
    expect(scene.witness.calls).toEqual([])

    net = await startNetWorker({ databaseUrl: scene.stack.adminUrl })
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(Array(3).fill('success 1'))
    expect(scene.witness.calls).toHaveLength(3)
  })

  test('stuck for minutes behind a slow request of somebody else holds up queues that sleep, and none that is awake', async () => {
    await scene.harness.setting('linger_ms', '60000')
    const awake = await scene.queue()
    await scene.job(awake)
    await scene.untilEnded(awake)
    const asleep = await scene.queue()

    await scene.db.query('select net.http_get($1, timeout_milliseconds := 60000)', [`${slow.url}/hold`])
    await until(() => slow.heldBack() === 1)
    const waiting = await scene.job(asleep)
    await scene.job(awake)
    await scene.untilEnded(awake)
    // For minutes: claims that nobody came for go back, and are made again, and wake-ups pile up.
    for (let minutes = 0; minutes < 5; minutes++) {
      await scene.pass('1 minute', asleep)
      await scene.sweep()
      if (minutes === 2) await scene.job(asleep)
    }

    expect(await scene.fates(awake)).toEqual(['success 1', 'success 1'])
    expect((await scene.harness.currentJob(waiting))?.dispatcher ?? null).toBe(null)
    expect(scene.witness.calls).toHaveLength(2)
    expect(await scene.harness.wakeUps(asleep)).toBeGreaterThan(3)
    slow.release()
    await scene.untilEnded(asleep)
    expect(await scene.fates(asleep)).toEqual(['success 1', 'success 1'])
    expect(scene.witness.calls).toHaveLength(4)
    await scene.harness.setting('linger_ms', '200')
    // Their runs would linger on.
    for (const queue of [awake, asleep]) await scene.harness.delete('queue', queue)
  })

  test.each([
    ['is known by the isolate that had it before', 409, () => {}],
    ['does no harm in a new one', 202, () => scene.stack.edge.killFunction('supaqueue')],
  ])(
    'whose worker dies in the middle of a batch sends its wake-ups again: a repeated one %s',
    async (_, status, between) => {
      const queue = await scene.queue({ workers: 2 })
      const known = (await answers()).length
      // One transaction, one batch: it is not over before the slow request is.
      await scene.harness.transaction(async () => {
        await scene.db.query('select net.http_get($1, timeout_milliseconds := 60000)', [`${slow.url}/hold`])
        await scene.harness.jobs(queue, 5)
      })
      await scene.untilEnded(queue)
      await scene.untilAsleep(queue)
      await until(() => slow.heldBack() > 0)

      await between()
      await net.kill()
      await until(() => slow.heldBack() === 2)
      slow.release()
      await until(async () => (await answers()).length > known)

      expect((await answers()).slice(known)).toEqual([status])
      await scene.untilAsleep(queue)
      expect(await scene.fates(queue)).toEqual(Array(5).fill('success 1'))
      expect(scene.witness.calls).toHaveLength(5)
    },
  )

  test('that sends every request twice has every job run once', async () => {
    const queue = await scene.queue({ workers: 3 })
    const { doubled } = net.counts()
    net.setIntercept(() => 'double')

    await scene.harness.jobs(queue, 20)
    await scene.untilEnded(queue)

    expect(net.counts().doubled).toBeGreaterThan(doubled)
    expect(await scene.fates(queue)).toEqual(Array(20).fill('success 1'))
    expect(scene.witness.calls).toHaveLength(20)
  })
})

describe('without pg_cron', () => {
  afterEach(() => net.setIntercept(() => 'send'))

  test('a queue moves on what is enqueued and reported: more jobs than workers, and one that is tried again', async () => {
    const queue = await scene.queue({ workers: 2 })
    scene.witness.answerWith(({ headers, payload }) => ({
      status: payload.n === 3 && headers['supaqueue-attempt'] === '1' ? 500 : 200,
    }))

    await scene.harness.jobs(queue, 9)
    await scene.untilEnded(queue)

    expect((await scene.fates(queue)).toSorted()).toEqual([...Array(8).fill('success 1'), 'success 2'])
  })

  test('a lost wake-up is made good by the next enqueue, once a run is no longer expected', async () => {
    const queue = await scene.queue({ workers: 2 })
    const { dropped } = net.counts()
    net.setIntercept(() => 'drop')
    await scene.job(queue)
    await until(() => net.counts().dropped > dropped)
    net.setIntercept(() => 'send')

    await scene.pass('5 seconds', queue)
    await scene.job(queue)
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1', 'success 1'])
  })

  test('a planned job waits for the next enqueue, or for cron to be back', async () => {
    const [enqueued, left] = [await scene.queue({ workers: 2 }), await scene.queue({ workers: 2 })]
    for (const queue of [enqueued, left]) {
      await scene.harness.job(queue, { due: '1 minute' })
      await scene.pass('2 minutes', queue)
    }

    await scene.job(enqueued)
    await scene.untilEnded(enqueued)
    expect(await scene.fates(enqueued)).toEqual(['success 1', 'success 1'])
    expect(await scene.fates(left)).toEqual(['pending 0'])

    const cron = await startCronScheduler({ databaseUrl: scene.stack.adminUrl })
    await cron.runNow('supaqueue_sweep').finally(() => cron.stop())
    await scene.untilEnded(left)
    expect(await scene.fates(left)).toEqual(['success 1'])
  })
})

describe('the secret in Vault', () => {
  const setSecret = (secret: string) =>
    scene.db.query(`select vault.update_secret(id, $1) from vault.secrets where name = 'supaqueue_secret'`, [secret])

  test('missing: jobs are taken in with a warning, and run once it is there again', async () => {
    const queue = await scene.queue()
    await scene.db.query(`delete from vault.secrets where name = 'supaqueue_secret'`)

    const warnings = await scene.harness.warnings(() => scene.job(queue))
    await scene.pass('1 minute', queue)
    await scene.sweep()
    expect(warnings).toMatchObject([{
      code: 'SQ503',
      message: expect.stringContaining('Vault has no secret named supaqueue_secret'),
      hint: expect.stringContaining('The job is safe'),
    }])
    expect(scene.witness.calls).toEqual([])

    await scene.db.query(`select vault.create_secret($1, 'supaqueue_secret')`, [scene.stack.secret])
    await scene.pass('1 minute', queue)
    await scene.sweep()
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 1'])
  })

  test('wrong: the dispatcher says what is wrong to whoever looks at the answers, and jobs run once it is right', async () => {
    const queue = await scene.queue()
    const known = (await answers()).length
    await setSecret(randomBytes(32).toString('hex'))

    await scene.job(queue)
    await until(async () => (await answers()).length > known)
    const { rows: [last] } = await scene.db.query('select * from net._http_response order by id desc limit 1')
    expect([last.status_code, JSON.parse(last.content)]).toMatchObject([401, {
      code: 'SQ401',
      hint: expect.stringContaining('SUPAQUEUE_SECRET'),
    }])
    expect(scene.witness.calls).toEqual([])

    await setSecret(scene.stack.secret)
    await scene.pass('1 minute', queue)
    await scene.sweep()
    await scene.untilEnded(queue)
    expect(await scene.fates(queue)).toEqual(['success 1'])
  })

  test('exchanged while the functions know both: no wake-up is refused', async () => {
    const known = (await answers()).length
    const queues: string[] = []
    const enqueue = async () => {
      const queue = await scene.queue()
      queues.push(queue)
      await scene.job(queue)
    }

    for (const secret of [scene.stack.secret, previousSecret, scene.stack.secret, previousSecret]) {
      await enqueue()
      await setSecret(secret)
      await enqueue()
    }
    await until(async () => (await answers()).length === known + 8)
    for (const queue of queues) await scene.untilEnded(queue)
    await setSecret(scene.stack.secret)

    expect((await answers()).slice(known)).toEqual(Array(8).fill(202))
    for (const queue of queues) expect(await scene.fates(queue)).toEqual(['success 1'])
  })
})
