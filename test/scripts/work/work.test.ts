import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { openScene, type Scene } from './support/scene.ts'

let scene: Scene
beforeEach(async () => scene = await openScene())
afterEach(() => scene.close())

describe('a process that stays', () => {
  test('does the jobs that were there, and those that come, awake or asleep, without a wake-up by pg_net', async () => {
    const database = await scene.database()
    const queue = await database.queue()
    await database.owner.jobs(queue, 20)
    const before = await database.wakeUps()

    await scene.work([database])
    await until(async () => await database.done(queue) === 20)
    await database.owner.jobs(queue, 20)
    await until(async () => await database.done(queue) === 40)
    await until(async () => !(await database.owner.heartbeat(queue)).awake)
    await database.owner.jobs(queue, 20)
    await until(async () => await database.done(queue) === 60)

    expect(await database.wakeUps()).toBe(before)
    expect(scene.calls.toSorted((one, other) => one - other)).toEqual([...new Set(scene.calls)].sort((a, b) => a - b))
  })

  test('listens instead of looking: while it has nothing to do, turns are few, and it hears of a commit', async () => {
    const database = await scene.database()
    const queue = await database.queue()
    await scene.work([database])
    await database.owner.jobs(queue, 1)
    const listens = async () =>
      (await database.owner.db.query(
        'select listens_until > clock_timestamp() as listens from supaqueue.heartbeat where queue = $1',
        [queue],
      )).rows[0].listens === true
    await until(listens)
    const { rows: [{ processes }] } = await database.owner.db.query(
      `select supaqueue.health() -> 'processes' as processes`,
    )
    expect(processes, 'the database knows which queues it leads').toMatchObject([{
      alive: true,
      queues: null,
      leads: 1,
    }])

    await database.owner.jobs(queue, 1)

    await until(async () => await database.done(queue) === 2)
  })

  test('serves only what it was told to, and functions only with a key', async () => {
    const database = await scene.database()
    const mine = await database.queue({ name: 'mine' })
    const other = await database.queue({ name: 'other' })
    const ofFunction = await database.owner.queue({ name: 'fn', edge_function_name: 'hello', workers: 1 })
    const { stop } = await scene.work([database], { queue: ['mine', 'fn'] })

    await database.owner.jobs(other, 1)
    await database.owner.jobs(ofFunction, 1)
    await database.owner.jobs(mine, 3)
    await until(async () => await database.done(mine) === 3)
    await stop()

    expect(await database.done(other)).toBe(0)
    expect(await database.owner.wakeUps(other)).toBeGreaterThan(0)
    expect(await database.owner.wakeUps(ofFunction)).toBeGreaterThan(0)
  })

  test('when it is ended, waits for its calls, gives back the rest without an attempt, and leaves no trace', async () => {
    const database = await scene.database()
    const queue = await database.queue({ workers: 3 })
    const held: (() => void)[] = []
    scene.answer.with = (response) => held.push(() => response.end('{}'))
    const jobs = await database.owner.jobs(queue, 10)
    const { stop } = await scene.work([database])
    await until(() => Promise.resolve(held.length === 3))

    const stopped = stop()
    await until(async () => (await database.processes()).length === 0)
    held.forEach((end) => end())
    await stopped

    const rows = (await database.owner.db.query(
      'select status, attempts, count(*)::int from supaqueue.job where id = any ($1) group by 1, 2 order by 1',
      [jobs],
    )).rows
    expect(rows.filter(({ status }) => status === 'success')).toEqual([{ status: 'success', attempts: 1, count: 3 }])
    expect(rows.filter(({ status }) => status === 'pending')).toEqual([{ status: 'pending', attempts: 0, count: 7 }])
    expect(held).toHaveLength(3)
    expect(await database.owner.wakeUps(queue)).toBeGreaterThan(0)
  })

  test('serves many databases: one that is not there is tried again, and stops nobody', async () => {
    const [one, two] = [await scene.database(), await scene.database()]
    const away = { ...two, ownerUrl: two.ownerUrl.replace(/:\d+\//, ':1/') }
    const { notes, address } = await scene.work([one, away], { port: 0 })
    const queue = await one.queue()
    await one.owner.jobs(queue, 5)
    await until(async () => await one.done(queue) === 5)

    const health = await fetch(`${address}/health`)
    const metrics = await (await fetch(`${address}/metrics`)).text()

    expect(health.status).toBe(200)
    expect((await health.json()).databases.map(({ connected }: { connected: boolean }) => connected)).toEqual([
      true,
      false,
    ])
    expect(metrics).toMatch(/supaqueue_work_outcomes_total\{database="[^"]+",outcome="success"\} 5\n/)
    expect(notes.join('\n')).toMatch(/SQ504/)
    await expect(scene.work([away])).rejects.toMatchObject({
      code: 'SQ504',
      message: expect.stringMatching(/ECONNREFUSED/),
    })
  })

  test('sweeps where nobody else does', async () => {
    const database = await scene.database()
    await scene.work([database])

    await until(async () =>
      (await database.owner.db.query(`select from supaqueue.last_sweep where swept_at > now() - interval '1 minute'`))
        .rows
        .length === 1
    )
  })

  test('finds its database again when the connection that listens is cut', async () => {
    const database = await scene.database()
    const admin = await database.connect('admin')
    const queue = await database.queue()
    const { notes } = await scene.work([database])

    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name like 'supaqueue work%'`,
    )
    await until(() => Promise.resolve(notes.some((line) => line.includes('there again'))))
    await database.owner.jobs(queue, 5)
    await until(async () => await database.done(queue) === 5)
  })
})
