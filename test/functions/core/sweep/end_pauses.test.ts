import { describe, expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

describe('end_pauses', () => {
  test('ends those whose time is over, and one that cannot be ended keeps no other', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    const harness = harnessOf(await ownDatabase.connect())
    const [one, bad, later] = [
      await harness.queue({ paused: true }),
      await harness.queue({ paused: true }),
      await harness.queue({ paused: true }),
    ]
    await harness.db.query(
      `update supaqueue.queue set paused_until = now() + case when id = $1 then '1 hour' else '-1 second' end::interval`,
      [later],
    )
    await owner.query(`alter table supaqueue.queue add constraint mine check (id <> '${bad}' or paused)`)

    const { rows } = await harness.db.query('select supaqueue_internal.end_pauses() as ended')

    expect(rows).toEqual([{ ended: 1 }])
    const paused = (await harness.db.query('select id from supaqueue.queue where paused')).rows.map(({ id }) => id)
    expect(paused.sort()).toEqual([bad, later].sort())
    expect(paused).not.toContain(one)
    const troubles = await harness.db.query('select kind, subject, queue, reason from supaqueue.trouble')
    expect(troubles.rows).toMatchObject([{ kind: 'pauses', queue: bad, reason: expect.stringMatching(/mine/) }])
    const job = await harness.job(bad)
    const { rows: [{ text }] } = await harness.db.query(`select supaqueue.explain($1) ->> 'text' as text`, [job])
    expect(text).toMatch(/pause of its queue could not be ended/)

    await owner.query('alter table supaqueue.queue drop constraint mine')
    await harness.db.query('select supaqueue_internal.end_pauses()')
    expect((await harness.db.query('select count(*) from supaqueue.trouble')).rows).toEqual([{ count: 0 }])
  })
})
