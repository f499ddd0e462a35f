import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { type SupaqueueError, verify } from '../../../../../supabase/functions/_shared/supaqueue/mod.ts'
import { secret, signature } from './support/call.ts'

const body = '{"to":"Zoë"}'
const other = 'the secret of somebody else'

const refused = (work: Promise<unknown>): Promise<SupaqueueError> =>
  work.then(() => expect.unreachable('it was let in'), (reason) => reason)

describe('verify', () => {
  test('accepts what the example of the standard shows, and returns its id', async () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }
    const now = () => 1614265330_000

    const id = await verify({ headers, body: '{"test": 2432232314}' }, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      now,
    })

    expect(id).toBe('msg_p5jXN8AQM9LWM0D4loKWxJek')
  })

  test.each<[string, string | Uint8Array | ArrayBuffer]>([
    ['a text', body],
    ['a Buffer', Buffer.from(body)],
    ['an ArrayBuffer', new TextEncoder().encode(body).buffer],
    ['a part of a larger buffer', Buffer.from(`>>${body}<<`).subarray(2, -2)],
  ])('takes the body as %s', async (_, body) => {
    const headers = signature('{"to":"Zoë"}')

    await expect(verify({ headers, body }, secret)).resolves.toBe(headers['webhook-id'])
  })

  test('takes Headers as well as a plain object', async () => {
    await verify({ headers: new Headers(signature(body)), body }, secret)
  })

  test.each([
    ['the new of two secrets', [secret], [secret, other]],
    ['the old of two secrets', [other], [secret, other]],
    ['two secrets, of which one is known', [other, secret], [secret]],
  ])('accepts what is signed with %s', async (_, signers, known) => {
    await verify({ headers: signature(body, signers), body }, known)
  })

  test('ignores signatures of other versions', async () => {
    const headers = signature(body)

    await verify(
      { headers: { ...headers, 'webhook-signature': `v1a,AAAA ${headers['webhook-signature']}` }, body },
      secret,
    )
  })

  test.each<[string, Record<string, string | undefined>]>([
    ['no id', { 'webhook-id': undefined }],
    ['no timestamp', { 'webhook-timestamp': undefined }],
    ['no signature', { 'webhook-signature': undefined }],
    ['a timestamp that is no number', { 'webhook-timestamp': 'now' }],
    ['another id', { 'webhook-id': 'another' }],
    ['another timestamp', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 5) }],
    ['a signature by another secret', signature(body, [other])],
    ['a signature of another body', signature('{}')],
    ['a signature of another version only', {
      'webhook-signature': signature(body)['webhook-signature'].replace('v1', 'v2'),
    }],
    ['half a signature', { 'webhook-signature': signature(body)['webhook-signature'].slice(0, 27) }],
    ['a signature that is no base64', { 'webhook-signature': 'v1,%%%' }],
    ['an empty signature', { 'webhook-signature': 'v1,' }],
    ['a good signature behind ten others', {
      'webhook-signature': `${'v1,AAAA '.repeat(10)}${signature(body)['webhook-signature']}`,
    }],
  ])('refuses %s', async (_, wrong) => {
    const error = await refused(verify({ headers: { ...signature(body), ...wrong }, body }, secret))

    expect(error).toMatchObject({ code: 'SQ401', message: expect.any(String), hint: expect.any(String) })
  })

  test('refuses what has no id, even where that was signed', async () => {
    const headers = signature(body, [secret], undefined, '')

    expect(await refused(verify({ headers, body }, secret))).toMatchObject({ code: 'SQ401' })
  })

  test.each([['old', -301], ['from the future', 302]])(
    'refuses what is more than five minutes %s',
    async (_, seconds) => {
      const headers = signature(body, [secret], Date.now() / 1000 + seconds)

      expect(await refused(verify({ headers, body }, secret))).toMatchObject({ code: 'SQ401' })
      await verify({ headers, body }, secret, { tolerance: 400_000 })
    },
  )

  test.each<[string, string | string[]]>([
    ['no secret', []],
    ['an empty one', ''],
    ['a short one', 'too short'],
    ['one that is no base64 behind whsec_', 'whsec_%%%%%%%%%%%%%%%%%%%%%%%'],
    ['a short one behind whsec_', 'whsec_c2hvcnQ='],
    ['a short one beside a good one', [secret, '']],
  ])('is not content with %s', async (_, secrets) => {
    expect(await refused(verify({ headers: signature(body, ['']), body }, secrets))).toMatchObject({ code: 'SQ500' })
  })

  test('asks for the raw body when it is given a parsed one', async () => {
    const error = await refused(verify({ headers: signature(body), body: JSON.parse(body) }, secret))

    expect(error).toMatchObject({ code: 'SQ500', hint: expect.stringContaining('raw') })
  })

  test('serves in a server of Node, with the headers as Node gives them', async () => {
    const server = createServer(async (request, response) => {
      const seen = await verify({ headers: request.headers, body: await buffer(request) }, [other, secret])
        .then((id) => [204, id] as const, (error: SupaqueueError) => [401, error.code] as const)
      response.writeHead(seen[0], { seen: seen[1] }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

    const [good, bad] = await Promise.all([
      fetch(url, { method: 'POST', headers: signature(body), body }),
      fetch(url, { method: 'POST', headers: signature(body), body: body + ' ' }),
    ])
    server.close()

    expect([good.status, good.headers.get('seen')]).toEqual([204, signature(body)['webhook-id']])
    expect([bad.status, bad.headers.get('seen')]).toEqual([401, 'SQ401'])
  })
})
