import { expect, test } from 'vitest'
import { z } from 'zod'
import { handle } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { deliver } from '../../../../../supabase/functions/_shared/supaqueue/testing.ts'

const secret = 'a secret of this test, long enough'
const Payload = z.object({ name: z.string() })

test('a function is handed a job as the dispatcher would, and what becomes of it is told', async () => {
  const heard: unknown[] = []
  const greet = handle(Payload, ({ name }, job) => {
    heard.push([job.id, job.attempt, job.maxAttempts, job.queue, job.state])
    return `Hello ${name}`
  }, { secret })

  const delivered = await deliver(greet, { name: 'Ada' }, { secret, job: 7, attempt: 2, queue: 'grüße' })
  const went = await deliver(greet, { name: 'Ada' }, { secret, state: { at: 3 } })

  expect(delivered).toEqual({ outcome: 'complete', status: 200, result: 'Hello Ada' })
  expect(went.outcome).toBe('complete')
  expect(heard).toEqual([['7', 2, 3, 'grüße', null], ['1', 1, 3, 'test', { at: 3 }]])
})

test('each way in which a job can end is told by its name', async () => {
  const ways = handle(z.object({ way: z.string() }), ({ way }, job) => {
    if (way === 'kill') return job.kill('never')
    if (way === 'reject') throw new Error('not now')
    if (way === 'drop') return job.drop()
    return job.reschedule({ after: 1000 })
  }, { secret })
  const outcome = async (payload: unknown) => (await deliver(ways, payload, { secret })).outcome

  expect(await outcome({ way: 'kill' })).toBe('kill')
  expect(await outcome({ way: 'reject' })).toBe('reject')
  expect(await outcome({ way: 'drop' })).toBe('drop')
  expect(await outcome({ way: 'later' })).toBe('reschedule')
  expect(await outcome({})).toBe('kill')
})

test('a call that is not signed with the secret of the function is refused, and a plain function is asked as well', async () => {
  const greet = handle(Payload, () => 1, { secret })

  expect(await deliver(greet, { name: 'Ada' }, { secret: 'another secret, long enough' })).toMatchObject({
    outcome: 'reject',
    status: 401,
    result: { code: 'SQ401' },
  })
  expect(await deliver((request) => new Response(request.method), null, { secret }))
    .toEqual({ outcome: 'complete', status: 200, result: 'POST' })
  await expect(deliver(greet, {})).rejects.toMatchObject({
    code: 'SQ500',
    hint: expect.stringContaining('SUPAQUEUE_SECRET'),
  })
})
