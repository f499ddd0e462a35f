import { afterEach, expect, test } from 'vitest'
import { openDispatcher } from '../../../../../supabase/functions/supaqueue/dispatcher.ts'
import { connect } from '../../../../../supabase/functions/supaqueue/direct/driver.ts'
import { harness } from '../../../../support/harness.ts'
import { nodeDeps } from '../support/deps.ts'
import { openProject, type Project } from '../support/project.ts'
import { until } from '../../../../support/until.ts'

const open: Project[] = []
afterEach(async () => {
  for (const project of open.splice(0)) await project.close()
})

/** A dispatcher beside a project, with the variables of the environment that are given. */
async function stage(variables: (project: Project) => Record<string, string>) {
  const calls = new Map<number, number>()
  const project = await openProject((response, job) => {
    calls.set(job, (calls.get(job) ?? 0) + 1)
    response.end('{}')
  })
  open.push(project)
  const owner = harness(await project.database.connect('owner'))
  const admin = await project.database.connect('admin')
  const { deps, logs, work } = nodeDeps()
  let connected = 0
  const dispatcher = openDispatcher({
    ...deps,
    env: {
      SUPABASE_URL: project.url,
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: project.keys.secret }),
      SUPAQUEUE_SECRET: 'a secret of sixteen',
      ...variables(project),
    },
    connect: (...to) => {
      connected++
      return connect(...to)
    },
  })
  const connections = async () =>
    (await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'supaqueue dispatcher' and datname = current_database()`,
    )).rows
  const done = async (queue: string) =>
    (await owner.db.query(
      `select count(*) filter (where status = 'success')::int as success from supaqueue.job where queue = $1`,
      [queue],
    )).rows[0]
  return {
    project,
    owner,
    admin,
    dispatcher,
    logs,
    calls,
    connections,
    done,
    ended: () => Promise.all(work),
    connected: () => connected,
  }
}

const untilDone = async (
  done: () => Promise<{ success: number }>,
  count: number,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> =>
  void await until(async () => {
    await meanwhile()
    return (await done()).success >= count
  })

test('a run with work takes its turns over one connection, and leaves none behind', async () => {
  const { owner, dispatcher, calls, connections, done, logs, ended } = await stage(({ database }) => ({
    SUPAQUEUE_DB_URL: database.ownerUrl,
  }))
  const queue = await owner.queue({ workers: 5 })
  await owner.jobs(queue, 300)
  let most = 0

  dispatcher.start({ queue })
  await untilDone(() => done(queue), 300, async () => void (most = Math.max(most, (await connections()).length)))
  await ended()

  expect(most).toBe(1)
  expect([...calls.values()]).toEqual(Array(300).fill(1))
  expect(logs).toMatchObject([{ reason: 'asleep', success: 300 }])
  await until(async () => (await connections()).length === 0)
})

test('connections that are killed in the middle cost nothing: every job is called once, and it is shown', async () => {
  const { owner, admin, dispatcher, calls, connections, done, logs, ended } = await stage(({ database }) => ({
    SUPAQUEUE_DB_URL: database.ownerUrl,
  }))
  const queue = await owner.queue({ workers: 5 })
  await owner.jobs(queue, 300)
  let killed = 0

  dispatcher.start({ queue })
  await untilDone(() => done(queue), 300, async () => {
    for (const { pid } of await connections()) {
      killed++
      await admin.query('select pg_terminate_backend($1)', [pid])
    }
  })
  await ended()

  expect(killed).toBeGreaterThan(0)
  expect([...calls.values()]).toEqual(Array(300).fill(1))
  expect(logs).toContainEqual(expect.objectContaining({ code: 'SQ504', message: expect.stringContaining('Data API') }))
  expect(logs.at(-1)).toMatchObject({ success: 300 })
})

test.each([
  ['nobody listens', 'postgres://postgres:p@127.0.0.1:1/postgres'],
  ['the password is wrong', 'wrong password'],
  ['the server does not prove who it is', 'verified'],
  ['it is no URL', 'not a url'],
])('where %s, turns go by the Data API, and the log says why', async (_, given) => {
  const { owner, dispatcher, done, logs, ended } = await stage(({ database }) => {
    const url = new URL(database.ownerUrl)
    if (given === 'wrong password') url.password = 'a-wrong-one'
    if (given === 'verified') url.searchParams.set('sslmode', 'verify-full')
    return { SUPAQUEUE_DB_URL: ['wrong password', 'verified'].includes(given) ? url.href : given }
  })
  const queue = await owner.queue({ workers: 2 })
  await owner.jobs(queue, 20)

  dispatcher.start({ queue })
  await untilDone(() => done(queue), 20)
  await ended()

  expect(logs[0]).toMatchObject({
    code: expect.stringMatching(/^SQ/),
    message: expect.stringContaining('SUPAQUEUE_DB_URL'),
  })
  expect(JSON.stringify(logs)).not.toContain('a-wrong-one')
  expect(logs.at(-1)).toMatchObject({ success: 20 })
})

test('the database URL that the platform sets for every function is never used', async () => {
  const { owner, dispatcher, done, ended, connected } = await stage(({ database }) => ({
    SUPABASE_DB_URL: database.ownerUrl,
  }))
  const queue = await owner.queue({ workers: 2 })
  await owner.jobs(queue, 20)

  dispatcher.start({ queue })
  await untilDone(() => done(queue), 20)
  await ended()

  expect(connected()).toBe(0)
})
