import { once } from 'node:events'
import { Logger, run } from 'graphile-worker'
import pg from 'pg'
import { until } from '../wait.ts'
import { makeCall } from './call.ts'

// The process that graphile_worker.ts starts. Says when it is ready, and when the last job is gone from the table.

const [{ databaseUrl, url, headers, parallelism, jobs, batched }] = await once(process, 'message')
const db = new pg.Client({ connectionString: databaseUrl })
await db.connect()

const runner = await run({
  connectionString: databaseUrl,
  concurrency: parallelism,
  maxPoolSize: Math.max(10, parallelism),
  noHandleSignals: true,
  logger: new Logger(() => () => {}),
  taskList: { call: makeCall(url, headers) },
  ...(batched && {
    preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  }),
})

let completed = 0
let failed = 0
const all = new Promise<void>((resolve, reject) => {
  // A call that fails is tried again, as by everybody else here. A job that fails for good never comes.
  runner.events.on('job:error', () => void failed++)
  runner.events.on('job:failed', ({ error }) => reject(error))
  runner.events.on('job:complete', ({ error }) => !error && ++completed === jobs && resolve())
  runner.promise.catch(reject)
})
all.catch(() => {})

process.send?.({ ready: 1 })
await all
// The event does not wait for the database.
await until('the last job to be gone', async () => {
  const { rows: [left] } = await db.query('select exists (select from graphile_worker._private_jobs) as any')
  return !left.any
})
process.send?.({ completed, failed })
