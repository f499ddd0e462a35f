import { lookup } from 'node:dns/promises'
import { describe, expect, test } from 'vitest'
import { makeGuard, type Resolve } from '../../../../../supabase/functions/supaqueue/target/guard.ts'
import { NotCallable } from '../../../../../supabase/functions/supaqueue/outcome/not_callable.ts'

const never = new AbortController().signal

/** What the guard says to the host of a URL: the outcome instead of a call, or undefined. */
async function guarded(
  url: string,
  resolve: Resolve = () => Promise.reject(new Error('not to be asked')),
  signal = never,
) {
  try {
    await makeGuard({ resolve, now: () => 0 })(new URL(url).hostname, signal)
  } catch (reason) {
    if (reason instanceof NotCallable) return reason.outcome
    throw reason
  }
}

const gives = (...addresses: string[]): Resolve => () => Promise.resolve(addresses)

describe('a host that is an address', () => {
  test.each([
    ['http://127.0.0.1/', 'loopback'],
    ['http://127.1/', 'loopback'],
    ['http://2130706433/', 'loopback'],
    ['http://0x7f.0.0.1/', 'loopback'],
    ['http://0177.0.0.1/', 'loopback'],
    ['http://0/', 'unspecified'],
    ['http://[::1]:8080/', 'loopback'],
    ['http://[::ffff:10.0.0.1]/', 'private'],
    ['http://169.254.169.254/latest/meta-data', 'link-local'],
  ])('in whatever writing is recognized without asking: %s is %s', async (url, kind) => {
    expect(await guarded(url)).toMatchObject({ outcome: 'killed', error: expect.stringContaining(`is ${kind}`) })
  })

  test('goes through when it is public', async () => {
    expect(await guarded('https://1.1.1.1/')).toBe(undefined)
    expect(await guarded('https://[2606:4700:4700::1111]/')).toBe(undefined)
  })
})

describe('a host with a name', () => {
  test('is classified by all its addresses', async () => {
    expect(await guarded('https://a.example/', gives('1.1.1.1', '2606:4700:4700::1111'))).toBe(undefined)
    expect(await guarded('https://a.example/', gives('1.1.1.1', '10.0.0.1'))).toMatchObject({ outcome: 'killed' })
    expect(await guarded('https://a.example/', gives('1.1.1.1', '::ffff:127.0.0.1'))).toMatchObject({
      outcome: 'killed',
    })
    expect(await guarded('https://a.example/', gives())).toMatchObject({ outcome: 'killed' })
  })

  test('that the system resolves to this machine is refused, with a hint', async () => {
    const system: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

    expect(await guarded('http://localhost/', system)).toEqual({
      outcome: 'killed',
      error: 'SQ422: the host localhost leads to an address that is loopback. ' +
        "To allow such targets, set 'allow_private_targets' in supaqueue.setting to 'on'",
      reached: false,
    })
  })

  test('that cannot be resolved has failed, without a word about its circuit', async () => {
    const unknown = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })

    expect(await guarded('http://nowhere.example/', () => Promise.reject(unknown))).toEqual({
      outcome: 'failed',
      reached: false,
      error: 'no answer: the host nowhere.example cannot be resolved (ENOTFOUND)',
    })
  })

  test('that is resolved too slowly has failed, too', async () => {
    const hangs: Resolve = () => new Promise(() => {})

    expect(await guarded('http://slow.example/', hangs, AbortSignal.timeout(20))).toMatchObject({
      outcome: 'failed',
      reached: false,
      error: expect.stringContaining('TimeoutError'),
    })
  })

  test('is asked for once in five seconds, and again after a failure', async () => {
    let now = 0
    const answers = [Promise.reject(new Error('away')), Promise.resolve(['1.1.1.1']), Promise.resolve(['10.0.0.1'])]
    answers[0]!.catch(() => {})
    const guard = makeGuard({ resolve: () => answers.shift()!, now: () => now })
    const ask = () =>
      guard('a.example', never).then(() => 'let through', (reason) => (reason as NotCallable).outcome.outcome)

    expect(await ask()).toBe('failed')
    expect(await ask()).toBe('let through')
    now = 4999
    expect(await ask()).toBe('let through')
    now = 5000
    expect(await ask()).toBe('killed')
  })
})
