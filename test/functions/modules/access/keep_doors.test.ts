import { describe, expect } from 'vitest'
import { applyDatabase } from '../../../../scripts/cli/database/apply.ts'
import { admitted, allow, openQueue } from '../../../support/door.ts'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { until } from '../../../support/until.ts'

describe('keep_doors', () => {
  test('has whoever may enter keep that when all is installed anew', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await openQueue(harness, {}, 'anon')

    await applyDatabase(ownDatabase.ownerUrl)

    expect(await admitted(harness)).toEqual(['anon'])
  })

  test('gives and takes rights as queues are opened and closed at once', async ({ harness, another }) => {
    const queue = await openQueue(harness)
    const other = await another()
    const next = await harness.queue()
    await other.begin()
    await other.db.query('delete from supaqueue.door where queue = $1', [queue])
    const opened = allow(harness, next)
    await until(() => other.isBlocked(harness))
    await other.commit()
    await opened

    expect(await admitted(harness)).toEqual(['authenticated'])
  })

  test('closes a door, and says so, though somebody has opened another and does not commit', async ({ harness, another }) => {
    const queue = await openQueue(harness, {}, 'anon')
    const idle = await another()
    await idle.begin()
    await idle.db.query(`select supaqueue_internal.take_name('doors', '')`)

    const warnings = await harness.warnings(() =>
      harness.db.query('delete from supaqueue.door where queue = $1', [queue])
    )

    expect(warnings).toEqual([expect.objectContaining({ code: 'SQ423' })])
    expect(await admitted(harness)).not.toContain('anon')
    await idle.rollback()
  })

  test('leaves a right that was given by hand to no one', async ({ another }) => {
    const owner = await another('owner')
    await owner.db.query('grant execute on function public.supaqueue_enqueue(text, jsonb, text, timestamptz) to anon')

    await owner.db.query('select supaqueue_internal.keep_doors()')

    expect(await admitted(owner)).not.toContain('anon')
  })
})
