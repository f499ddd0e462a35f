import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

describe('off_change', () => {
  test('takes a hook away, with its functions and triggers, and says whether there was one', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, `"when" => 'true'`)
    const off = async () => (await owner.db.query('select supaqueue.off_change($1) as was', [photos.name])).rows[0].was
    await photos.run(`insert into %t values (1, 'a', 'image')`)

    expect(await off()).toBe(true)

    await photos.run('delete from %t')
    expect(await photos.types()).toEqual(['INSERT'])
    expect((await owner.db.query(`select from pg_proc where proname ~ '^hook_[0-9a-f]{32}'`)).rows).toEqual([])
    expect(await off()).toBe(false)
  })

  test('is for the owner, and does nothing while the table is in use', async ({ another, harness }) => {
    const owner = await another('owner')
    const reader = await another('owner')
    const photos = await hooked(owner)
    expect((await refusal(harness.db.query(`select supaqueue.off_change('x')`))).code).toBe('42501')

    await reader.begin()
    await reader.db.query(`insert into ${photos.table} values (1, 'a', 'image')`)
    const refused = await refusal(owner.db.query('select supaqueue.off_change($1)', [photos.name]))
    await reader.commit()

    expect(refused).toMatchObject({ code: 'SQ423', hint: expect.stringContaining('Nothing was changed') })
    expect(await photos.types()).toEqual(['INSERT'])
  })
})
