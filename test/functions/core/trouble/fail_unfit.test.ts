import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { bombs } from '../../../support/bombs.ts'
import { type Harness, harness as harnessOf, test } from '../../../support/harness.ts'
import { harms, poisoned } from '../../../support/poison.ts'

// Without its payload: nobody could carry that to the test either.
const fateOf = async (harness: Harness, job: number) =>
  (await harness.db.query('select status, error from supaqueue.job where id = $1', [job])).rows[0]

describe('a job that nobody could carry, and that is in the table all the same', () => {
  test.for(bombs)(
    'with %s as its payload fails by itself, and the others of its turn are begun',
    async ([, json], { ownDatabase }) => {
      const admin = harnessOf(await ownDatabase.connect('admin'))
      const queue = await admin.queue({ workers: 3 })
      await admin.db.query('set session_replication_role = replica')
      const { rows: [{ id: bad }] } = await admin.db.query(
        'insert into supaqueue.job (queue, payload, priority) values ($1, $2, 9) returning id',
        [queue, json],
      )
      await admin.db.query('reset session_replication_role')
      const good = await admin.jobs(queue, 2)

      const answer = await admin.turn(randomUUID(), queue, { room: 3 })

      expect(answer.jobs.map(({ job }) => job.id)).toEqual(good)
      expect(await fateOf(admin, bad)).toMatchObject({
        status: 'failed',
        error: expect.stringMatching(/^its payload (has a number|is nested)/),
      })
      const { rows } = await admin.db.query('select count(*) filter (where locked) as locked from supaqueue.worker')
      expect(rows).toEqual([{ locked: 2 }])
    },
  )

  test('is not picked either, and its worker is free', async ({ ownDatabase }) => {
    const admin = harnessOf(await ownDatabase.connect('admin'))
    const queue = await admin.queue({ workers: 1, mode: 'pull' })
    const job = await admin.job(queue)
    await admin.db.query(`set session_replication_role = replica;
      update supaqueue.job set state = '1e131071'; reset session_replication_role`)

    const { rows } = await admin.db.query('select * from unnest(supaqueue.pick($1))', [queue])

    expect(rows).toEqual([])
    expect(await fateOf(admin, job)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('its state has'),
    })
    expect((await admin.db.query('select locked from supaqueue.worker')).rows).toEqual([{ locked: false }])
  })

  test.for(Object.entries(harms).filter(([harm]) => ['raises', 'cancels itself'].includes(harm)))(
    'stops no other when a trigger of the user’s does not let it fail: it %s',
    async ([, does], { ownDatabase }) => {
      const { harness, harm, troubles } = await poisoned(ownDatabase)
      const admin = harnessOf(await ownDatabase.connect('admin'))
      const queue = await harness.queue({ workers: 3 })
      await admin.db.query('set session_replication_role = replica')
      const { rows: [{ id: bad }] } = await admin.db.query(
        `insert into supaqueue.job (queue, payload, priority) values ($1, '{"poison": 1e131071}', 9) returning id`,
        [queue],
      )
      const good = await harness.jobs(queue, 2)
      await harm(does, `new.status = 'failed'`)

      const answer = await harness.turn(randomUUID(), queue, { room: 3 })

      expect(answer.jobs.map(({ job }) => job.id)).toEqual(good)
      expect(await troubles()).toMatchObject([{ kind: 'report', job: bad }])
      expect(await harness.freeWorkers(queue)).toBe(1)
    },
  )
})
