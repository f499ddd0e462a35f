import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'

test('jobs that come have a place each, and what has ended has none', async ({ harness }) => {
  const line = await inLine(harness)
  const plain = await harness.queue()

  const { rows } = await harness.db.query(
    `insert into supaqueue.job (queue, concurrency_key, status) values
       ($1, 'a', 'pending'), ($1, 'a', 'held'), ($1, null, 'pending'), ($1, 'b', 'cancelled'), ($2, 'a', 'pending')
     returning id`,
    [line.queue, plain],
  )

  const [first, second, alone] = rows.map(({ id }) => id)
  expect(await line.places()).toEqual([
    { line: `#${alone}`, job: alone },
    { line: '=a', job: first },
    { line: '=a', job: second },
  ])
  expect((await harness.db.query('select from supaqueue.place_in_line where queue = $1', [plain])).rowCount).toBe(0)
})

test('many jobs of a key in one statement are one change of their line', async ({ harness }) => {
  const line = await inLine(harness)

  await harness.db.query(
    `insert into supaqueue.job (queue, concurrency_key) select $1, 'a' from generate_series(1, 500)`,
    [line.queue],
  )

  expect((await harness.db.query('select line from supaqueue.line_change where queue = $1', [line.queue])).rows)
    .toEqual([{ line: '=a' }])
})

test.for(['read committed', 'repeatable read', 'serializable'])(
  'who may only insert jobs puts them in line, under %s, and reads nothing of the lines',
  async (isolation, { ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect('owner'))
    const line = await inLine(harness)
    const admin = await ownDatabase.connect('admin')
    const role = `app_${ownDatabase.name}`
    await admin.query(`create role ${role}`)
    await harness.db.query(`
      create policy ${role} on supaqueue.job for insert to ${role} with check (true);
      grant usage on schema supaqueue to ${role};
      grant insert (queue, concurrency_key) on supaqueue.job to ${role}`)
    await admin.query(`set session authorization ${role}; begin isolation level ${isolation}`)
    await admin.query(
      `insert into supaqueue.job (queue, concurrency_key) values ('${line.queue}', 'a'), ('${line.queue}', 'a')`,
    )
    await admin.query('commit')

    expect(await line.places()).toHaveLength(2)
    expect(await line.take()).toHaveLength(1)
    await expect(admin.query('select from supaqueue.place_in_line')).rejects.toMatchObject({ code: '42501' })
  },
)
