import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDispatcher } from '../../../supabase/functions/supaqueue/dispatcher.ts'
import { nodeDeps } from '../../supabase/functions/supaqueue/support/deps.ts'
import { openProject } from '../../supabase/functions/supaqueue/support/project.ts'
import { harness } from '../../support/harness.ts'
import { until } from '../../support/until.ts'
import { startWork } from './support/child.ts'
import { openScene, type Scene, type SceneDatabase } from './support/scene.ts'

let scene: Scene
const children: { kill(): Promise<void> }[] = []
beforeEach(async () => scene = await openScene())
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill()
  await scene.close()
})

async function work(databases: { ownerUrl: string }[], ...args: string[]) {
  const child = await startWork([...databases.flatMap(({ ownerUrl }) => ['--db-url', ownerUrl]), ...args])
  children.push(child)
  return child
}

/** What a dead process held comes back when its leases end: at once, in here. */
const endLeases = async ({ owner }: Pick<SceneDatabase, 'owner'>) => {
  await owner.db.query('update supaqueue.current_job set lease_until = clock_timestamp() where dispatcher is not null')
  await owner.db.query('select supaqueue.sweep()')
}

test('killed in the middle of its calls, it loses no job, and another goes on', async () => {
  const database = await scene.database()
  const queue = await database.queue({ workers: 5, retry_base_ms: 0 })
  const held: (() => void)[] = []
  let hold = true
  scene.answer.with = (response) => hold ? held.push(() => response.destroy()) : response.end('{}')
  const first = await work([database])
  const jobs = await database.owner.jobs(queue, 40)
  await until(() => Promise.resolve(held.length === 5))
  const second = await work([database])

  hold = false
  await first.kill()
  await endLeases(database)
  await until(async () => await database.done(queue) === 40)

  const times = jobs.map((job) => scene.calls.filter((called) => called === job).length)
  expect(times.filter((count) => count === 2)).toHaveLength(5)
  expect(times.filter((count) => count === 1)).toHaveLength(35)
  expect(second.lines.join('\n')).not.toMatch(/SQ500/)
})

test('ended by a signal, it waits for its calls; by a second one, it ends', async () => {
  const database = await scene.database()
  const queue = await database.queue({ workers: 2 })
  const held: (() => void)[] = []
  scene.answer.with = (response) => held.push(() => response.end('{}'))
  const polite = await work([database])
  await database.owner.jobs(queue, 2)
  await until(() => Promise.resolve(held.length === 2))

  polite.signal('SIGTERM')
  await until(() => Promise.resolve(polite.lines.some((line) => line.startsWith('Stopping'))))
  held.splice(0).forEach((end) => end())
  expect(await polite.ended).toEqual([0, null])
  expect(await database.done(queue)).toBe(2)

  const hasty = await work([database])
  await database.owner.jobs(queue, 2)
  await until(() => Promise.resolve(held.length === 2))
  hasty.signal('SIGINT')
  await until(() => Promise.resolve(hasty.lines.some((line) => line.startsWith('Stopping'))))
  hasty.signal('SIGINT')
  expect(await hasty.ended).toEqual([1, null])
})

test('three databases and four processes: one process and one database die, and the others do not notice', async () => {
  const databases = [await scene.database(), await scene.database(), await scene.database()]
  const queues = await Promise.all(databases.map((database) => database.queue({ workers: 4 })))
  const processes = [await work(databases), await work(databases), await work(databases), await work(databases)]
  const [one, two, dying] = databases as [SceneDatabase, SceneDatabase, SceneDatabase]
  const admin = await one.connect('admin')
  const enqueue = () => Promise.all([one, two].map((database, i) => database.owner.jobs(queues[i]!, 100)))

  await enqueue()
  await dying.owner.jobs(queues[2]!, 100)
  await admin.query(`alter database ${dying.name} allow_connections false`)
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [dying.name])
  await processes[0]!.kill()
  await enqueue()
  // Once: leases of the living end by it, too, and their jobs are called again.
  await Promise.all([one, two].map(endLeases))
  await Promise.all([one, two].map((database, i) => until(async () => await database.done(queues[i]!) === 200)))

  await admin.query(`alter database ${dying.name} allow_connections true`)
  const back = harness(await dying.connect('owner'))
  await endLeases({ owner: back })
  await until(async () => {
    const { rows: [row] } = await back.db.query(
      `select count(*)::int as done from supaqueue.job where queue = $1 and status = 'success'`,
      [queues[2]],
    )
    return row.done === 100
  })
  for (const process of processes.slice(1)) expect(process.lines.join('\n')).not.toMatch(/SQ500/)
})

describe('process and edge function', () => {
  test('take turns to die: whoever is left goes on, and no wake-up goes to the edge function while a process lives', async () => {
    const project = await openProject()
    try {
      const owner = harness(await project.database.connect('owner'))
      await owner.db.query(`insert into supaqueue.setting values ('allow_private_targets', 'on')`)
      const queue = await owner.queue({ url: scene.url, signing_secrets: [], workers: 5 })
      const { deps } = nodeDeps()
      const edge = openDispatcher({
        ...deps,
        env: {
          SUPABASE_URL: project.url,
          SUPABASE_SECRET_KEYS: JSON.stringify({ default: project.keys.secret }),
          SUPAQUEUE_SECRET: 'a secret of sixteen',
        },
      })
      /** Does what pg_net does: brings wake-ups to the edge function. Returns how many. */
      const bring = async (): Promise<number> => {
        const { rows } = await owner.db.query(
          `delete from net.http_request_queue returning convert_from(body, 'utf8')::jsonb ->> 'queue' as queue`,
        )
        rows.forEach(({ queue }) => edge.start({ queue }))
        return rows.length
      }
      const done = async () =>
        (await owner.db.query(`select count(*)::int as done from supaqueue.job where status = 'success'`)).rows[0].done
      const asleep = () => until(async () => !(await owner.heartbeat(queue)).awake)
      let enqueued = 0
      const enqueue = async () => {
        enqueued += 20
        await owner.jobs(queue, 20)
      }

      for (let round = 0; round < 3; round++) {
        const process = await work([project.database])
        await enqueue()
        await until(async () => await done() === enqueued)
        expect(await bring(), 'no wake-up while the process lives').toBe(0)

        await process.kill()
        await enqueue()
        // The heartbeat and the lease of the dead are five seconds long; the sweep comes every ten. Leases are ended once: those
        // of the edge function are the leases of the living.
        let brought = 0
        await endLeases({ owner })
        await until(async () => {
          await owner.db.query('select supaqueue.sweep()')
          brought += await bring()
          return await done() === enqueued
        })
        expect(brought, 'the edge function takes over').toBeGreaterThan(0)
        await asleep()
        await bring()
      }
    } finally {
      await project.close()
    }
  })
})
