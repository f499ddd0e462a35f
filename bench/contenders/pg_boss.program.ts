import { once } from 'node:events'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { until } from '../wait.ts'
import { makeCall } from './call.ts'

// The process that pg_boss.ts starts. It enqueues, too, since its own insert is the fast way in, and says how long it
// took from there until the last job was completed in the table.

const [{ databaseUrl, url, headers, payload, parallelism, jobs, perCall, ownBatch }] = await once(process, 'message')
const db = new pg.Client({ connectionString: databaseUrl })
await db.connect()
const call = makeCall(url, headers)

const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false })
boss.on('error', (reason) => {
  throw reason
})
await boss.start()
const name = `bench-${process.pid}`
await boss.createQueue(name)

let done = 0
const polling = { pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }
const worker = ownBatch
  ? await boss.work<object>(name, { ...polling, batchSize: perCall, localConcurrency: parallelism }, async (batch) => {
    await call(batch.map((job) => job.data))
    done += batch.length
  })
  : await boss.work<object>(name, { ...polling, batchSize: 500 }, async (batch) => {
    boss.notifyWorker(worker)
    const calls = Array.from(
      { length: Math.ceil(batch.length / perCall) },
      (_, i) => batch.slice(i * perCall, (i + 1) * perCall),
    )
    const waiting = calls.values()
    const one = async () => {
      for (const jobs of waiting) await call(perCall > 1 ? jobs.map((job) => job.data) : jobs[0]?.data)
    }
    await Promise.all(Array.from({ length: parallelism }, one))
    done += batch.length
  })

process.send?.({ ready: 1 })
const data = JSON.parse(payload)
await boss.insert(name, Array.from({ length: jobs }, () => ({ data })))
// What autovacuum saw last may be a table in which every job is done. With that, fetching a batch takes seconds.
await db.query('analyze pgboss.job')
const from = performance.now()
boss.notifyWorker(worker)
await until('all calls', () => done >= jobs)
await until('the last job to be completed', async () => {
  const { rows: [left] } = await db.query(
    `select exists (select from pgboss.job where name = $1 and state <> 'completed') as any`,
    [name],
  )
  return !left.any
})
process.send?.({ ms: performance.now() - from })
