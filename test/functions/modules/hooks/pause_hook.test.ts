import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

describe('pause_hook', () => {
  test('captures nothing until it is resumed, and says since when and why', async ({ another, harness }) => {
    const owner = await another('owner')
    const photos = await hooked(owner)

    const { rows: [{ since }] } = await harness.db.query(`select supaqueue.pause_hook($1, 'seeding') as since`, [
      photos.name,
    ])
    await photos.run(`insert into %t values (1, 'a', 'image')`)
    await harness.db.query(`select supaqueue.pause_hook($1, 'still seeding')`, [photos.name])

    expect(await photos.types()).toEqual([])
    const { rows } = await harness.db.query(
      'select enabled, off_since, off_reason from supaqueue.hook where name = $1',
      [
        photos.name,
      ],
    )
    expect(rows).toEqual([{ enabled: false, off_since: since, off_reason: 'still seeding' }])
  })

  test('refuses a hook that is not there', async ({ harness }) => {
    expect(await refusal(harness.db.query(`select supaqueue.pause_hook('nothing')`)))
      .toMatchObject({ code: 'SQ404', hint: expect.stringContaining('Nothing was changed') })
  })
})
