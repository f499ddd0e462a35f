import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { ask, rowsOf } from '../../../support/ask.ts'
import { harness as harnessOf, test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('find_queue', () => {
  test('knows a queue by its name and by its id', async ({ harness }) => {
    const queue = await harness.queue({ name: 'letters' })

    expect((await rowsOf(harness, 'find_queue', { queue: 'letters' }))[0].id).toBe(queue)
    expect((await rowsOf(harness, 'find_queue', { queue }))[0].id).toBe(queue)
    expect((await rowsOf(harness, 'find_queue', { queue: queue.toUpperCase() }))[0].id).toBe(queue)
  })

  test('knows a queue whose name looks like an id', async ({ harness }) => {
    const name = randomUUID()
    const queue = await harness.queue({ name })

    expect((await rowsOf(harness, 'find_queue', { queue: name }))[0].id).toBe(queue)
  })

  test('lists names that are like an unknown one, the likest first, and no others', async ({ ownDatabase }) => {
    const harness = harnessOf(await ownDatabase.connect())
    await harness.queue({ name: 'send-mail' })
    await harness.queue({ name: 'send-mails' })
    await harness.queue({ name: 'resize' })

    expect(await refusal(ask(harness, 'find_queue', { queue: 'Send-Mial' }))).toMatchObject({
      code: 'SQ404',
      message: `there is no queue 'Send-Mial'`,
      hint: `Nothing was changed. Is it one of these: 'send-mail', 'send-mails'?`,
    })
  })

  test.for([['xyzzy', `there is no queue 'xyzzy'`], [null, 'there is no queue null']])(
    'says where to look when no name is like %j',
    async ([queue, message], { harness }) => {
      expect(await refusal(ask(harness, 'find_queue', { queue }))).toMatchObject({
        code: 'SQ404',
        message,
        hint: expect.stringContaining('select id, name from supaqueue.queue'),
      })
    },
  )
})
