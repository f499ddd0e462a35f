import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { live } from '../processes/live.ts'
import { codes, findings, makeHealthy } from './healthy.ts'

test('a process that was not heard of is found until another takes its place, or it is forgotten', async ({ database, house }) => {
  await makeHealthy(database, house)
  const id = randomUUID()
  await live(house, { id, name: 'worker-1 7', queues: ['a', 'b'], lease: '-3 minutes' })

  const [found] = await findings(house)
  expect(found).toMatchObject({
    code: 'process_silent',
    severity: 'warning',
    text: 'the process worker-1 7, which serves a, b, was last heard of 3 min ago',
  })

  await live(house, { id: randomUUID() })
  expect(await codes(house)).toEqual([])
  await house.db.query(
    `update supaqueue.process set lease_until = clock_timestamp() - interval '1 minute' where id <> $1`,
    [
      id,
    ],
  )
  expect(await codes(house)).toEqual(['process_silent', 'process_silent'])
  await house.db.query(/delete .*$/.exec(found!.remedy!)![0])
  await house.db.query('delete from supaqueue.process')
  expect(await codes(house)).toEqual([])
})

test('what is wrong with wake-ups is an info while processes serve every queue, and stops no queue that one serves', async ({ database, house }) => {
  await makeHealthy(database, house)
  const served = await house.queue({ name: 'served', workers: 1 })
  await house.queue({ name: 'other', workers: 1 })
  const admin = await database.connect('admin')
  await admin.query(`delete from vault.secrets where name = 'supaqueue_secret'`)
  const overview = async () =>
    (await house.db.query(`select name, fault is not null as stopped from supaqueue.queue_overview order by name`)).rows
  const explained = async (queue: string) => {
    const job = (await house.jobs(queue, 2))[1]
    const { rows: [{ reasons }] } = await house.db.query(
      `select supaqueue_internal.why_stopped(queue, '[]') as reasons from supaqueue.job where id = $1`,
      [job],
    )
    return reasons.map(({ code }: { code: string }) => code)
  }

  expect(await explained(served)).toContain('dispatch')
  await live(house, { queues: ['served'] })
  expect(await findings(house)).toMatchObject([{ code: 'secret_missing', severity: 'error' }])
  expect(await overview()).toEqual([{ name: 'other', stopped: true }, { name: 'served', stopped: false }])
  expect(await explained(served)).not.toContain('dispatch')
  await live(house, { queues: ['other'] })
  expect(await findings(house)).toMatchObject([{
    code: 'secret_missing',
    severity: 'info',
    text: expect.stringContaining('None is needed while processes serve every queue'),
  }])
})

test('a PostgreSQL without pg_net and Vault lacks a process, and nothing else', async ({ database, house }) => {
  await makeHealthy(database, house)
  await house.queue({ url: 'https://example.com/', signing_secrets: [], workers: 1 })
  const admin = await database.connect('admin')
  await admin.query('drop schema vault cascade; drop schema net cascade')

  expect(await findings(house)).toMatchObject([{ code: 'no_process', severity: 'error', remedy: 'npx supaqueue work' }])
  await live(house, { functions: false })
  expect(await codes(house).then((all) => all.filter((code) => code === 'no_process'))).toEqual([])
  expect((await findings(house)).map(({ severity }) => severity)).not.toContain('error')
})
