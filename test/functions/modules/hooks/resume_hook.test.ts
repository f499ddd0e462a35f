import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

describe('resume_hook', () => {
  test('captures again, and says whether it had not', async ({ another, harness }) => {
    const photos = await hooked(await another('owner'))
    const resume = async () =>
      (await harness.db.query('select supaqueue.resume_hook($1) as was', [photos.name])).rows[0].was
    await harness.db.query('select supaqueue.pause_hook($1)', [photos.name])

    expect(await resume()).toBe(true)
    expect(await resume()).toBe(false)

    await photos.run(`insert into %t values (1, 'a', 'image')`)
    expect(await photos.types()).toEqual(['INSERT'])
    const { rows } = await harness.db.query(
      'select enabled, off_since, off_reason from supaqueue.hook where name = $1',
      [
        photos.name,
      ],
    )
    expect(rows).toEqual([{ enabled: true, off_since: null, off_reason: null }])
  })

  test('refuses a hook that is not there', async ({ harness }) => {
    expect((await refusal(harness.db.query(`select supaqueue.resume_hook('nothing')`))).code).toBe('SQ404')
  })
})
