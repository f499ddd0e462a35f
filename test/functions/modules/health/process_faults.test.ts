import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { live } from '../processes/live.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

test('a process that was not heard of is found until another takes its place, or it is forgotten', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const id = randomUUID()
  await live(harness, { id, name: 'worker-1 7', queues: ['a', 'b'], lease: '-3 minutes' })

  const [found] = await findings(harness)
  expect(found).toMatchObject({
    code: 'process_silent',
    severity: 'warning',
    text: 'the process worker-1 7, which serves a, b, was last heard of 3 min ago',
  })

  await live(harness, { id: randomUUID() })
  expect(await codes(harness)).toEqual([])
  await harness.db.query(
    `update supaqueue.process set lease_until = clock_timestamp() - interval '1 minute' where id <> $1`,
    [
      id,
    ],
  )
  expect(await codes(harness)).toEqual(['process_silent', 'process_silent'])
  await harness.db.query(/delete .*$/.exec(found!.remedy!)![0])
  await harness.db.query('delete from supaqueue.process')
  expect(await codes(harness)).toEqual([])
})

test('what is wrong with wake-ups is an info while processes serve every queue, and stops no queue that one serves', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const served = await harness.queue({ name: 'served', workers: 1 })
  await harness.queue({ name: 'other', workers: 1 })
  const admin = await database.connect('admin')
  await admin.query(`delete from vault.secrets where name = 'supaqueue_secret'`)
  const overview = async () =>
    (await harness.db.query(`select name, fault is not null as stopped from supaqueue.queue_overview order by name`))
      .rows
  const explained = async (queue: string) => {
    const job = (await harness.jobs(queue, 2))[1]
    const { rows: [{ reasons }] } = await harness.db.query(
      `select supaqueue_internal.why_stopped(queue, '[]') as reasons from supaqueue.job where id = $1`,
      [job],
    )
    return reasons.map(({ code }: { code: string }) => code)
  }

  expect(await explained(served)).toContain('dispatch')
  await live(harness, { queues: ['served'] })
  expect(await findings(harness)).toMatchObject([{ code: 'secret_missing', severity: 'error' }])
  expect(await overview()).toEqual([{ name: 'other', stopped: true }, { name: 'served', stopped: false }])
  expect(await explained(served)).not.toContain('dispatch')
  await live(harness, { queues: ['other'] })
  expect(await findings(harness)).toMatchObject([{
    code: 'secret_missing',
    severity: 'info',
    text: expect.stringContaining('None is needed while processes serve every queue'),
  }])
})

test('a PostgreSQL without pg_net and Vault lacks a process, and nothing else', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.queue({ url: 'https://example.com/', signing_secrets: [], workers: 1 })
  const admin = await database.connect('admin')
  await admin.query('drop schema vault cascade; drop schema net cascade')

  expect(await findings(harness)).toMatchObject([{
    code: 'no_process',
    severity: 'error',
    remedy: 'npx supaqueue work',
  }])
  await live(harness, { functions: false })
  expect(await codes(harness).then((all) => all.filter((code) => code === 'no_process'))).toEqual([])
  expect((await findings(harness)).map(({ severity }) => severity)).not.toContain('error')
})
