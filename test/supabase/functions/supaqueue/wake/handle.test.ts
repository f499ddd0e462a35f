import { describe, expect, test, vi } from 'vitest'
import { type Deps, makeHandle } from '../../../../../supabase/functions/supaqueue/wake/handle.ts'
import { SupaqueueError } from '../../../../../supabase/functions/_shared/supaqueue/errors.ts'
import { makeVerify } from '../../../../../supabase/functions/supaqueue/signature/verify.ts'
import { makeWakeUp, secret } from '../support/wake_up.ts'

const open = () => {
  const verify = makeVerify({ now: Date.now, skew: () => Promise.resolve(0) })
  const start = vi.fn(() => 'the run')
  const deps: Deps = { verify: (request, body) => verify(request, body, [secret]), start }
  return { handle: makeHandle(() => deps), start }
}

describe('a wake-up', () => {
  test('is answered 202 with the run it started', async () => {
    const { handle, start } = open()
    const queue = 'b5a6b9c2-0f0f-4c7a-9a55-111111111111'

    const response = await handle(makeWakeUp({ body: `{"queue": "${queue}", "nonce": "ignored"}` }))

    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ run: 'the run' })
    expect(start).toHaveBeenCalledWith({ queue })
  })

  test.each<[string, number, Request]>([
    ['another method', 405, makeWakeUp({ method: 'GET' })],
    ['more than 4 kB', 413, makeWakeUp({ body: `{"queue":"${'x'.repeat(4096)}"}` })],
    ['no signature', 401, makeWakeUp({ headers: { 'supaqueue-signature': '' } })],
    ['a wrong signature', 401, makeWakeUp({ key: 'a secret of somebody else' })],
    ['an old timestamp', 403, makeWakeUp({ at: Date.now() / 1000 - 1000 })],
    ['no JSON', 400, makeWakeUp({ body: 'queue' })],
    ['no body', 400, makeWakeUp({ body: '' })],
    ['no queue', 422, makeWakeUp({ body: '{}' })],
    ['a queue that is no uuid', 422, makeWakeUp({ body: '{"queue": "mail"}' })],
    ['a list', 422, makeWakeUp({ body: '[]' })],
  ])('with %s is answered %d with code, message and hint, and starts nothing', async (_, status, request) => {
    const { handle, start } = open()

    const response = await handle(request)

    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({
      code: `SQ${status}`,
      message: expect.any(String),
      hint: expect.any(String),
    })
    expect(start).not.toHaveBeenCalled()
  })

  test('received twice is answered 409 the second time, and starts one run', async () => {
    const { handle, start } = open()
    const wakeUp = makeWakeUp()

    const statuses = [await handle(wakeUp.clone()), await handle(wakeUp.clone())].map(({ status }) => status)

    expect(statuses).toEqual([202, 409])
    expect(start).toHaveBeenCalledTimes(1)
  })

  test('is answered by what is missing, as long as the dispatcher is not set up', async () => {
    const open = vi.fn(() => {
      throw new SupaqueueError('SQ500', 'the dispatcher is not set up', 'Run the installer again.')
    })
    const handle = makeHandle(open)

    expect((await handle(makeWakeUp())).status).toBe(500)
    expect((await handle(makeWakeUp())).status).toBe(500)
    expect(open).toHaveBeenCalledTimes(2)
  })
})
