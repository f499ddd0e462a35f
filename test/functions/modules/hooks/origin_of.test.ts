import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

describe('origin_of', () => {
  test('says which columns an update changed, when the job is handed out', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, `payload => 'changes'`)
    await owner.workers(photos.queue, 3)
    await photos.run(`insert into %t values (1, 'a', 'image'); update %t set path = 'b', kind = null`)

    const taken = await owner.take('00000000-0000-4000-8000-000000000001', photos.queue)

    expect(taken.map(({ job }) => (job as unknown as { origin: Record<string, string> }).origin)).toEqual([
      expect.not.objectContaining({ 'hook-changed': expect.anything() }),
      expect.objectContaining({ hook: photos.name, 'hook-changed': 'kind,path', 'hook-payload': 'changes' }),
    ])
  })

  test('leaves the origin of others as it is', async ({ harness }) => {
    const queue = await harness.queue({ workers: 1 })
    const job = await harness.job(queue, { payload: { type: 'UPDATE', record: { a: 1 }, old_record: { a: 2 } } })
    await harness.db.query(`update supaqueue.job set origin = '{"made-by": "me"}' where id = $1`, [job])

    const [taken] = await harness.take('00000000-0000-4000-8000-000000000001', queue)

    expect(taken!.job).toMatchObject({ origin: { 'made-by': 'me' } })
  })
})
