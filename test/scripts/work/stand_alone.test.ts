import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApi } from '../../../scripts/api/api.ts'
import { openWork } from '../../../scripts/work/work.ts'
import { silentDeps } from '../../support/management_api/terminal.ts'
import { until } from '../../support/until.ts'
import { type Bare, PASSWORD, run, startBare } from './support/bare.ts'

let bare: Bare
beforeAll(async () => bare = await startBare())
afterAll(() => bare?.stop())

test.for(['app', 'supabase_admin'])(
  'an empty PostgreSQL becomes a task server and is empty again, installed by %s',
  async (user) => {
    const { urlOf, roles } = bare
    const before = await roles()
    const database = user === 'app' ? 'app' : 'root'
    const url = urlOf(user, database)
    const env = { SUPAQUEUE_DB_URL: url, SUPAQUEUE_WORKER_PASSWORD: PASSWORD, SUPAQUEUE_API_PASSWORD: PASSWORD }

    const without = await run(['install', '--yes', '--functions-url', 'http://nowhere.invalid'], env)
    expect(without.out).toMatch(/install --stand-alone/)

    const roleAlone = await run(['install', '--yes', '--stand-alone', '--api-role', 'door'], env)
    expect(roleAlone.out).toMatch(/SQ422.*--with api/s)

    const both = ['--worker-role', 'dispatcher', '--api-role', 'door']
    const command = ['install', '--yes', '--stand-alone', '--with', 'api', ...both]
    const installed = await run(command, env)
    expect(installed, installed.out).toMatchObject({ code: 0, out: expect.stringContaining('npx supaqueue work') })
    // As a container does that is started again.
    const twice = await run(command, env)
    expect(twice.code, twice.out).toBe(0)
    expect(twice.out).not.toMatch(/installed: (?!the schema)/)
    const again = await run(['upgrade', '--yes'], env)
    expect(again.code, again.out).toBe(0)
    expect(again.out).toMatch(/in place: +the SQL of the HTTP API/)

    const db = await bare.connect(url)
    const calls: { queue: string; job: string; attempt: string }[] = []
    const target = createServer((request, response) => {
      request.resume()
      const job = String(request.headers['supaqueue-job-id'])
      calls.push({ queue: request.url!, job, attempt: String(request.headers['supaqueue-attempt']) })
      if (request.url === '/slow') return
      response.writeHead(request.url === '/fails' ? 500 : 200).end('{}')
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    const to = (path: string) => `http://127.0.0.1:${(target.address() as AddressInfo).port}${path}`
    const { stop } = await openWork(
      { dbUrl: [urlOf('dispatcher', database)], queue: [], concurrency: 100, connections: 2, host: '127.0.0.1' },
      silentDeps({ env: {}, cwd: '/nowhere' }),
    )
    const door = await openApi(
      { dbUrl: urlOf('door', database), port: 0, host: '127.0.0.1', connections: 2 },
      silentDeps({ env: {}, cwd: '/nowhere' }),
    )
    try {
      await db.query(`insert into supaqueue.setting values ('allow_private_targets', 'on')`)
      const { rows: [{ key }] } = await db.query(
        `select supaqueue.create_api_key('taskq clients', '{enqueue,read,control,metrics}') as key`,
      )
      const ask = async (path: string, body?: object) =>
        await (await fetch(`${door.address}${path}`, {
          method: body ? 'POST' : 'GET',
          headers: { authorization: `Bearer ${key}` },
          ...(body && { body: JSON.stringify(body) }),
        })).json()
      const task = await ask('/tasks', { task_type: 'tasks', url: to('/task'), payloads: [{ data: 1 }, { data: 2 }] })
      await until(async () =>
        (await ask(`/tasks/${task.task_id}`)).statuses.every(({ status }: { status: string }) => status === 'success')
      )
      await db.query(`delete from supaqueue.queue where name = 'tasks'`)
      // MAX_WORKERS, MAX_RETRIES, RETRY_BASE_DELAY, TIMEOUT: the table in docs/operate/work.md.
      await db.query(`select supaqueue.create_queue('works', url => $1, workers => 10)`, [to('/works')])
      await db.query(`select supaqueue.create_queue('fails', url => $1, workers => 1)`, [to('/fails')])
      await db.query(`select supaqueue.create_queue('slow', url => $1, workers => 1)`, [to('/slow')])
      await db.query(`update supaqueue.queue set max_attempts = 3, retry_base_ms = 0 where name = 'fails'`)
      await db.query(`update supaqueue.queue set timeout_ms = 1000, max_attempts = 1 where name = 'slow'`)
      await db.query(`select supaqueue.enqueue('works', '{}') from generate_series(1, 30)`)
      await db.query(`select supaqueue.enqueue('works', '{}', run_at => now() + interval '1 second')`)
      await db.query(`select supaqueue.enqueue('fails', '{}'), supaqueue.enqueue('slow', '{}')`)
      const ended = async () =>
        (await db.query(
          `select queue.name, job.status, sum(job.attempts)::int as attempts, count(*)::int as jobs
           from supaqueue.job join supaqueue.queue on queue.id = job.queue group by 1, 2 order by 1, 2`,
        )).rows
      await until(async () => (await ended()).every(({ status }) => status === 'success' || status === 'failed'))

      expect(await ended()).toEqual([
        { name: 'fails', status: 'failed', attempts: 3, jobs: 1 },
        { name: 'slow', status: 'failed', attempts: 1, jobs: 1 },
        { name: 'works', status: 'success', attempts: 31, jobs: 31 },
      ])
      const doctor = await run(['doctor'], env)
      expect(doctor.out).not.toMatch(/^WRONG/m)
      expect(doctor.code).toBe(0)
      expect(doctor.out).toMatch(/^ok +processes +process .*serves all queues that call URLs/m)
      expect((await run(['status'], env)).out).not.toMatch(/^(ERROR|WARNING|INFO)/m)
    } finally {
      target.closeAllConnections()
      target.close()
      await stop()
      await door.stop()
    }
    expect((await run(['doctor'], env)).out).toMatch(
      /^WRONG processes +no job is begun: no process serves every queue/m,
    )

    const removed = await run(['remove', '--yes'], env)
    expect(removed.code, removed.out).toBe(0)
    expect(await roles(), removed.out).toEqual(before)
    expect((await db.query(`select nspname from pg_namespace where nspname ~ 'supaqueue'`)).rows).toEqual([])
    expect((await db.query(`select proname from pg_proc where pronamespace = 'public'::regnamespace`)).rows).toEqual([])
  },
)
