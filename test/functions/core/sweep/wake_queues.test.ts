import { describe, expect } from 'vitest'
import { house as houseOf, test } from '../../../support/house.ts'

describe('wake_queues', () => {
  test('ticks a queue without a pulse, and passes one by that cannot be looked at', async ({ ownDatabase }) => {
    const owner = houseOf(await ownDatabase.connect('owner'))
    const house = houseOf(await ownDatabase.connect())
    const [well, bad] = [await house.queue({ workers: 1 }), await house.queue({ workers: 1 })]
    for (const queue of [well, bad]) await house.job(queue, { due: '8 seconds' })
    await house.db.query('delete from supaqueue.pulse where queue = $1', [well])
    await owner.db.query(`
      create or replace function supaqueue_internal.is_forsaken(queue supaqueue.queue) returns boolean language plpgsql as $$
      begin
        if (queue).id = '${bad}' then raise exception 'timestamp out of range' using errcode = '22008'; end if;
        return (queue).id = '${well}';
      end $$`)

    const { rows } = await house.db.query('select supaqueue_internal.wake_queues() as ticked')

    expect(rows).toEqual([{ ticked: 1 }])
    expect(await house.ticks(well)).toBe(1)
    const troubles = await house.db.query('select kind, queue, code from supaqueue.trouble')
    expect(troubles.rows).toEqual([{ kind: 'wake', queue: bad, code: '22008' }])
  })
})
