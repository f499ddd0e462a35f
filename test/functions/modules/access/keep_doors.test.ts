import { describe, expect } from 'vitest'
import { applyDatabase } from '../../../../scripts/cli/database/apply.ts'
import { admitted, allow, openQueue } from '../../../support/door.ts'
import { house as houseOf, test } from '../../../support/house.ts'
import { until } from '../../../support/until.ts'

describe('keep_doors', () => {
  test('has whoever may enter keep that when all is installed anew', async ({ ownDatabase }) => {
    const house = houseOf(await ownDatabase.connect())
    await openQueue(house, {}, 'anon')

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await admitted(house)).toEqual(['anon'])
  })

  test('gives and takes rights as queues are opened and closed at once', async ({ house, another }) => {
    const queue = await openQueue(house)
    const other = await another()
    const next = await house.queue()
    await other.begin()
    await other.db.query('delete from supaqueue.door where queue = $1', [queue])
    const opened = allow(house, next)
    await until(() => other.isBlocked(house))
    await other.commit()
    await opened

    expect(await admitted(house)).toEqual(['authenticated'])
  })

  test('closes a door, and says so, though somebody has opened another and does not commit', async ({ house, another }) => {
    const queue = await openQueue(house, {}, 'anon')
    const idle = await another()
    await idle.begin()
    await idle.db.query(`select supaqueue_internal.take_name('doors', '')`)

    const warnings = await house.warnings(() => house.db.query('delete from supaqueue.door where queue = $1', [queue]))

    expect(warnings).toEqual([expect.objectContaining({ code: 'SQ423' })])
    expect(await admitted(house)).not.toContain('anon')
    await idle.rollback()
  })

  test('leaves a right that was given by hand to no one', async ({ another }) => {
    const owner = await another('owner')
    await owner.db.query('grant execute on function public.supaqueue_enqueue(text, jsonb, text, timestamptz) to anon')

    await owner.db.query('select supaqueue_internal.keep_doors()')

    expect(await admitted(owner)).not.toContain('anon')
  })
})
