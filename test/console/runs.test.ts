import { randomUUID } from 'node:crypto'
import { test } from 'vitest'
import { live } from '../functions/modules/processes/live.ts'
import { expectAccessible, useStage } from './support/stage.ts'

const stage = useStage()

test('says so while no run is awake', async () => {
  const page = await stage.open('/dispatcher')

  await page.getByText('No run is awake').waitFor()

  await expectAccessible(page)
})

test('shows the runs: who leads, since and until when, its turns, what is in hand, and what waits for a run', async () => {
  const queue = await stage.harness.queue({ name: 'driven', workers: 3 })
  await stage.harness.jobs(queue, 3)
  const run = randomUUID()
  await stage.harness.turn(run, queue, { room: 3, turns: 1234 })
  await stage.harness.db.query(
    `update supaqueue.heartbeat set run = $2, awake_until = now() + interval '1 hour' where queue = $1`,
    [queue, run],
  )

  const page = await stage.open('/dispatcher')

  const row = page.getByRole('row', { name: run })
  await row.getByRole('link', { name: 'driven' }).waitFor()
  await row.getByText(/^in \d+ min$/).first().waitFor()
  await row.getByText('1,234').waitFor()
  await row.getByText(/^\d+ s ago$|^now$/).first().waitFor()
  await page.getByText('0 jobs claimed, waiting for a run').waitFor()

  // Nobody calls these yet.
  await stage.harness.db.query(
    `insert into supaqueue.job (queue) select id from supaqueue.queue where id = $1`,
    [await stage.harness.queue({ name: 'asleep', workers: 1 })],
  )
  await page.getByText('1 job claimed, waiting for a run').waitFor()
  await expectAccessible(page)
})

test('says that wake-ups are refused, since when, and what to do', async () => {
  await stage.harness.db.query(
    `insert into supaqueue.dispatch (refused_at, refused_since, refusals, status, code, message, hint)
     values (now(), now() - interval '5 minutes', 30, 401, 'SQ401', 'the signature is wrong', 'Set the secret again.')
     on conflict (only_one) do update set refused_at = excluded.refused_at, refused_since = excluded.refused_since,
       refusals = excluded.refusals, status = excluded.status, code = excluded.code, message = excluded.message, hint = excluded.hint`,
  )
  const page = await stage.open('/dispatcher')

  const told = page.getByRole('main').getByRole('alert')
  await told.getByText('Wake-ups are refused (401): the signature is wrong').waitFor()
  await told.getByText(/Set the secret again\. 30 refusals since/).waitFor()
  await expectAccessible(page)
})

test('shows the processes that stay: which live, what they serve and lead, and which is missed', async () => {
  const queue = await stage.harness.queue({ name: 'led by one', workers: 1 })
  const [living, replaced, missed] = [randomUUID(), randomUUID(), randomUUID()]
  await live(stage.harness, { id: living, name: 'host-1 100' })
  await live(stage.harness, { id: replaced, name: 'host-1 99', queues: ['led by one'], lease: '-1 minute' })
  await stage.harness.db.query(
    `update supaqueue.heartbeat set run = $2, awake_until = now() + interval '1 hour' where queue = $1`,
    [queue, living.slice(0, 13) + randomUUID().slice(13)],
  )
  const page = await stage.open('/dispatcher')
  const table = page.getByRole('region', { name: 'Processes' })
  // As long as others may take: it would be silent otherwise.
  await stage.harness.db.query(
    `update supaqueue.process set lease_until = clock_timestamp() + interval '55 seconds' where id = $1`,
    [living],
  )

  const row = table.getByRole('row', { name: 'host-1 100' })
  await row.getByText('all queues').waitFor()
  await row.getByRole('link', { name: 'led by one' }).waitFor()
  await table.getByRole('row', { name: 'host-1 99' }).getByText(/replaced/).waitFor()
  await expectAccessible(page)

  await stage.harness.db.query('delete from supaqueue.process')
  await live(stage.harness, { id: missed, name: 'host-2 7', functions: false, lease: '-1 minute' })
  await table.getByRole('row', { name: 'host-2 7' }).getByText(/silent since/).waitFor()
  await table.getByText(', URLs only').waitFor()
  await stage.harness.db.query('delete from supaqueue.process')
})
