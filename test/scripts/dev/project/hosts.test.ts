import { describe, expect, test } from 'vitest'
import { projectHosts } from '../../../../scripts/dev/project/hosts.ts'
import type { Request } from '../../../../scripts/dev/standins/net/worker.ts'
import { deliver, noCounts } from '../../../../scripts/dev/standins/net/deliver.ts'
import { receiver } from '../support/receiver.ts'

const request = (url: string): Request => ({ url, method: 'POST', headers: {}, body: null, timeoutMs: 5000 }) as Request

describe('a request of the database of a project', () => {
  test.for([
    ['http://api.supabase.internal:8000/functions/v1/a?b=1', { url: 'http://127.0.0.1:7/functions/v1/a?b=1' }],
    ['http://host.docker.internal:54321/rest/v1/t', { url: 'http://127.0.0.1:7/rest/v1/t' }],
    ['http://kong:8000/functions/v1/a', { url: 'http://127.0.0.1:7/functions/v1/a' }],
    ['http://supabase_kong_my-app:8000/functions/v1/a', { url: 'http://127.0.0.1:7/functions/v1/a' }],
    ['http://host.docker.internal:3000/api/hook', { url: 'http://127.0.0.1:3000/api/hook' }],
    ['https://api.example.com/hook', 'send'],
    ['https://notsupabase.co/hook', 'send'],
    ['no address', 'send'],
  ])('to %s', ([url, fate]) => {
    expect(projectHosts('http://127.0.0.1:7', () => {})(request(url as string))).toEqual(fate)
  })

  test('to a hosted project is not sent, which is told once', () => {
    const told: string[] = []
    const fateOf = projectHosts('http://127.0.0.1:7', (line) => void told.push(line))
    const fates = [
      'abcdefghijklmnopqrst.supabase.co',
      'abcdefghijklmnopqrst.functions.supabase.co',
      'abcdefghijklmnopqrst.supabase.co',
    ]
      .map((host) => fateOf(request(`https://${host}/functions/v1/pay`)))

    for (const fate of fates) expect(fate).toEqual({ refusal: expect.stringMatching(/^Not called: /) })
    expect(told).toHaveLength(2)
  })
})

test('what is refused is answered, and goes nowhere; what is led elsewhere goes there', async () => {
  const target = await receiver()
  const counts = noCounts()
  const { signal } = new AbortController()
  try {
    const refused = await deliver(request(`${target.url}/a`), { refusal: 'Not called' }, counts, signal)
    expect([refused, target.received, counts.sent]).toEqual([
      expect.objectContaining({ status: null, error: 'Not called' }),
      [],
      0,
    ])

    const led = await deliver(
      request('http://api.supabase.internal:8000/a'),
      { url: `${target.url}/b` },
      counts,
      signal,
    )
    expect(led).toMatchObject({ status: 200 })
    expect(target.received).toMatchObject([{ path: '/b' }])
  } finally {
    await target.close()
  }
})
