import { describe, expect, test } from 'vitest'
import { makeKeyring } from '../../../../scripts/dev/keyring.ts'
import { makeKeys } from '../../../../scripts/dev/keys.ts'
import { edgeHost, isAlive, refusal } from '../support/edge.ts'
import { until } from '../../../support/until.ts'

const hello = `Deno.serve(() => new Response('hello'))`
const pid = `Deno.serve(() => new Response(String(Deno.pid)))`
const never = `Deno.serve(() => new Promise(() => {}))`

describe('a function', () => {
  test('sees its own name as the beginning of the path, and the query', async () => {
    await using edge = await edgeHost({ where: `Deno.serve((r) => new Response(new URL(r.url).href))` })

    const seen = await edge.text('where/is/it?a=1')

    expect(seen).toBe(edge.url.replace('/functions/v1', '/where/is/it?a=1'))
  })

  test('gets method, headers and body, and its answer comes back with status and headers', async () => {
    await using edge = await edgeHost({
      echo: `Deno.serve(async (r) => new Response(r.method + ' ' + r.headers.get('x-in') + ' ' + await r.text(), {
        status: 418, headers: { 'x-out': 'out' }
      }))`,
    })

    const response = await edge.call('echo', { method: 'PUT', headers: { 'x-in': 'in' }, body: 'body' })

    expect(response.status).toBe(418)
    expect(response.headers.get('x-out')).toBe('out')
    expect(response.headers.get('sb-error-code')).toBeNull()
    expect(await response.text()).toBe('PUT in body')
  })

  test('has the environment of the host and its own name in it, and nothing of the process around it', async () => {
    process.env.ONLY_ON_THIS_MACHINE = 'yes'
    await using edge = await edgeHost(
      { one: `Deno.serve(() => Response.json(Deno.env.toObject()))` },
      { environment: { SUPABASE_URL: 'http://somewhere' } },
    )

    const environment = JSON.parse(await edge.text('one'))

    expect(environment).toMatchObject({ SUPABASE_URL: 'http://somewhere', SUPABASE_FUNCTION_SLUG: 'one' })
    expect(environment.SB_EXECUTION_ID).toMatch(/^[0-9a-f-]{36}$/)
    expect(environment).not.toHaveProperty('ONLY_ON_THIS_MACHINE')
    expect(environment).not.toHaveProperty('HOME')
  })

  test('shares neither variables nor process with another function', async () => {
    const count =
      `let n = 0; Deno.serve(() => { Deno.env.set('N', String(++n)); return new Response(Deno.env.get('N')) })`
    await using edge = await edgeHost({ one: count, other: count })

    await edge.text('one')
    const counts = [await edge.text('one'), await edge.text('other')]

    expect(counts).toEqual(['2', '1'])
  })

  test('reads its own import map', async () => {
    await using edge = await edgeHost({ mapped: `import { word } from 'words'; Deno.serve(() => new Response(word))` })
    edge.write('mapped', JSON.stringify({ imports: { words: './words.ts' } }), 'deno.json')
    edge.write('mapped', `export const word = 'mapped'`, 'words.ts')

    expect(await edge.text('mapped')).toBe('mapped')
  })

  test('may not start programs or write outside of temporary folders', async () => {
    await using edge = await edgeHost({
      curious: `
        const trial = (f) => { try { f(); return 'done' } catch (e) { return e.name } }
        Deno.serve(() => Response.json([
          trial(() => new Deno.Command('/bin/sh').outputSync()),
          trial(() => Deno.writeTextFileSync('/edge-test', '')),
          trial(() => Deno.writeTextFileSync(Deno.makeTempDirSync() + '/x', '')),
        ]))`,
    })

    expect(JSON.parse(await edge.text('curious'))).toEqual(['NotCapable', 'NotCapable', 'done'])
  })

  test('streams: the first part arrives before the last is written', async () => {
    await using edge = await edgeHost({
      stream: `
        let release
        Deno.serve((r) => {
          if (r.url.endsWith('/release')) { release(); return new Response() }
          return new Response(new ReadableStream({ async start(to) {
            to.enqueue(new TextEncoder().encode('first'))
            await new Promise((resolve) => release = resolve)
            to.enqueue(new TextEncoder().encode('last'))
            to.close()
          } }))
        })`,
    })

    const reader = (await edge.call('stream')).body!.pipeThrough(new TextDecoderStream()).getReader()
    const first = (await reader.read()).value
    await edge.text('stream/release')
    const last = (await reader.read()).value

    expect([first, last]).toEqual(['first', 'last'])
  })

  test('goes on with what it does when its caller has gone', async () => {
    await using edge = await edgeHost({
      lasting: `
        let go, gone = new Promise((resolve) => go = resolve)
        Deno.serve(async (r) => {
          if (r.url.endsWith('/go')) { go(); return new Response() }
          console.log('begun'); await gone; console.log('ended'); return new Response()
        })`,
    })
    const leave = new AbortController()
    const left = edge.call('lasting', { signal: leave.signal }).catch(() => 'left')
    await until(() => edge.lines.includes('[lasting] begun'))

    leave.abort()
    expect(await left).toBe('left')
    await edge.text('lasting/go')

    await until(() => edge.lines.includes('[lasting] ended'))
  })

  test('serves many at once from one process', async () => {
    await using edge = await edgeHost({ pid })

    const pids = await Promise.all(Array.from({ length: 200 }, () => edge.text('pid')))

    expect(new Set(pids).size).toBe(1)
    expect(edge.host.counts()).toEqual({ pid: 200 })
  })
})

describe('the platform answers in its own name', () => {
  test('when there is no such function', async () => {
    await using edge = await edgeHost({ _shared: hello, off: hello }, { config: '[functions.off]\nenabled = false' })

    for (const name of ['nope', '_shared', 'off', '..%2fnope']) {
      expect(await edge.refusal(name)).toEqual(refusal(404, 'NOT_FOUND'))
    }
  })

  test('when it does not start, and says in the log why', async () => {
    await using edge = await edgeHost({ broken: `throw new Error('no such luck')`, idle: `console.log('bye')` })

    expect(await edge.refusal('broken')).toEqual(refusal(503, 'BOOT_ERROR'))
    expect(await edge.refusal('idle')).toEqual(refusal(503, 'BOOT_ERROR'))
    expect(edge.lines.join('\n')).toMatch(/^\[broken\].*no such luck/)
    expect(edge.host.running()).toEqual([])
  })

  test('when it crashes; its neighbours stay, and the next request finds it anew', async () => {
    await using edge = await edgeHost({
      pid,
      fragile: `Deno.serve((r) => {
        if (!r.url.endsWith('/crash')) return new Response('fine')
        setTimeout(() => { throw new Error('boom') })
        return new Promise(() => {})
      })`,
    })
    const neighbour = await edge.text('pid')

    expect(await edge.refusal('fragile/crash')).toEqual(refusal(500, 'WORKER_ERROR'))

    expect(await edge.text('fragile')).toBe('fine')
    expect(await edge.text('pid')).toBe(neighbour)
  })

  test('when it is killed, to those who were with it', async () => {
    await using edge = await edgeHost({
      here:
        `Deno.serve((r) => { console.log('entered'); return r.url.endsWith('/stay') ? new Promise(() => {}) : new Response('back') })`,
    })
    const waiting = edge.refusal('here/stay')
    await until(() => edge.lines.includes('[here] entered'))

    await edge.host.killFunction('here')

    expect(await waiting).toEqual(refusal(500, 'WORKER_ERROR'))
    expect(edge.host.running()).toEqual([])
    expect(await edge.text('here')).toBe('back')
  })

  test('when it takes more memory than it has', async () => {
    await using edge = await edgeHost({
      greedy: `Deno.serve(() => { const all = []; for (;;) all.push(new Array(1e6).fill({})) })`,
    })

    expect(await edge.refusal('greedy')).toEqual(refusal(546, 'WORKER_RESOURCE_LIMIT'))
  })

  test('after the idle timeout; the function is not told and ends what it does', async () => {
    await using edge = await edgeHost({
      slow: `
        let go, gone = new Promise((resolve) => go = resolve)
        Deno.serve(async (r) => {
          if (r.url.endsWith('/go')) { go(); return new Response() }
          await gone; console.log('aborted: ' + r.signal.aborted); return new Response('late')
        })`,
    }, { idleTimeoutMs: 200 })

    expect(await edge.refusal('slow')).toEqual(refusal(504, 'IDLE_TIMEOUT'))
    await edge.text('slow/go')

    await until(() => edge.lines.includes('[slow] aborted: false'))
  })
})

describe('an isolate', () => {
  test('takes no new requests after half of its wall clock, but ends those it has', async () => {
    await using edge = await edgeHost({
      old: `
        addEventListener('beforeunload', (e) => console.log('leaving: ' + e.detail.reason))
        Deno.serve(async (r) => {
          if (r.body) console.log('staying')
          await r.text()
          return new Response(String(Deno.pid))
        })`,
    }, { wallClockMs: 3000 })
    const first = await edge.text('old')
    // It stays as long as its body does not end.
    const body = new TransformStream()
    const staying = edge.text('old', { method: 'POST', body: body.readable, duplex: 'half' } as RequestInit)
    const writer = body.writable.getWriter()
    writer.write(new TextEncoder().encode('begin'))
    await until(() => edge.lines.includes('[old] staying'))

    await until(async () => await edge.text('old') !== first)

    expect(isAlive(Number(first))).toBe(true)
    await writer.close()
    expect(await staying).toBe(first)
    await until(() => !isAlive(Number(first)))
    expect(edge.lines).toContain('[old] leaving: early_drop')
  })

  test('that has retired stays until its background work is done', async () => {
    await using edge = await edgeHost({
      worker: `
        addEventListener('beforeunload', (e) => console.log('leaving: ' + e.detail.reason))
        Deno.serve((r) => {
          if (r.url.endsWith('/work')) {
            EdgeRuntime.waitUntil(new Promise((resolve) => setTimeout(resolve, 300)).then(() => console.log('worked')))
          }
          return new Response(String(Deno.pid))
        })`,
    })
    const first = await edge.text('worker/work')

    edge.host.restart('worker')

    expect(await edge.text('worker')).not.toBe(first)
    await until(() => !isAlive(Number(first)))
    expect(edge.lines).toEqual(['[worker] worked', '[worker] leaving: early_drop'])
  })

  test('is ended at its wall clock, with a warning before', async () => {
    await using edge = await edgeHost({
      endless: `addEventListener('beforeunload', (e) => console.log('leaving: ' + e.detail.reason)); ${never}`,
    }, { wallClockMs: 500 })

    expect(await edge.refusal('endless')).toEqual(refusal(546, 'WORKER_RESOURCE_LIMIT'))
    expect(edge.lines).toEqual(['[endless] leaving: wall_clock'])
  })

  test('survives background work that fails', async () => {
    await using edge = await edgeHost({
      careless:
        `Deno.serve(() => { EdgeRuntime.waitUntil(Promise.reject('oh')); return new Response(String(Deno.pid)) })`,
    })

    const first = await edge.text('careless')
    await until(() => edge.lines.some((line) => line.includes('oh')))

    expect(await edge.text('careless')).toBe(first)
  })
})

describe('the host', () => {
  test('starts nothing before the first request', async () => {
    await using edge = await edgeHost({ hello })

    const before = edge.host.running()
    await edge.text('hello')

    expect(before).toEqual([])
    expect(edge.host.running()).toEqual(['hello'])
    expect(edge.host.names()).toEqual(['hello'])
  })

  test('starts a function ahead of its first request when asked to', async () => {
    await using edge = await edgeHost({ pid, broken: 'throw 1' })

    const warmed = [await edge.host.warm('pid'), await edge.host.warm('broken'), await edge.host.warm('nope')]

    expect(warmed).toEqual([true, false, false])
    expect(edge.host.running()).toEqual(['pid'])
    expect(edge.host.counts()).toMatchObject({ pid: 0 })
  })

  test('forgets a request whose caller goes while the function starts', async () => {
    await using edge = await edgeHost({
      slow:
        `await new Promise((resolve) => setTimeout(resolve, 300)); Deno.serve(async (r) => new Response(await r.text()))`,
    })
    const left = edge.call('slow', { method: 'POST', body: 'lost', signal: AbortSignal.timeout(100) })
    await expect(left).rejects.toThrow()

    expect(await edge.text('slow', { method: 'POST', body: 'kept' })).toBe('kept')
    edge.host.restart('slow')
    // It would wait for ever if the lost request were still with it.
    await until(() => edge.host.running().length === 0)
  })

  test('lets functions say goodbye when it stops, and leaves no process behind', async () => {
    const edge = await edgeHost({
      polite: `
        addEventListener('beforeunload', (e) => EdgeRuntime.waitUntil(Promise.resolve().then(() => console.log('bye: ' + e.detail.reason))))
        ${pid}`,
      stubborn: `Deno.serve(() => {
        EdgeRuntime.waitUntil(new Promise(() => {})); return new Response(String(Deno.pid))
      })`,
    }, { graceMs: 100 })
    const pids = [await edge.text('polite'), await edge.text('stubborn')].map(Number)

    await edge[Symbol.asyncDispose]()

    expect(edge.lines).toEqual(['[polite] bye: termination'])
    expect(pids.map(isAlive)).toEqual([false, false])
  })

  test('takes no request for a function that was deleted, and finds it again when it is back', async () => {
    await using edge = await edgeHost({ hello })
    await edge.text('hello')

    edge.remove('hello')
    expect(await edge.refusal('hello')).toEqual(refusal(404, 'NOT_FOUND'))

    edge.write('hello', hello)
    expect(await edge.text('hello')).toBe('hello')
  })

  test('asks what config.toml says of a function at every request', async () => {
    await using edge = await edgeHost({ hello }, {
      config: '[functions.hello]\nverify_jwt = false\n',
      keyring: makeKeyring(await makeKeys()),
    })
    expect((await edge.call('hello')).status).toBe(200)

    edge.configure('[functions.hello]\nverify_jwt = true\n')
    expect((await edge.call('hello')).status).toBe(401)

    edge.configure('[functions.hello]\nenabled = false\n')
    expect((await edge.call('hello')).status).toBe(404)
  })

  test('shows a changed file to the next request', async () => {
    await using edge = await edgeHost({ hello }, { reload: true })
    expect(await edge.text('hello')).toBe('hello')

    edge.write('hello', `Deno.serve(() => new Response('goodbye'))`)

    await until(async () => await edge.text('hello') === 'goodbye')
  })

  test('shows a changed shared file to every function that is next', async () => {
    const greet = `import { word } from '../_shared/word.ts'; Deno.serve(() => new Response(word))`
    await using edge = await edgeHost({ one: greet, other: greet }, { reload: true })
    edge.write('_shared', `export const word = 'before'`, 'word.ts')
    expect([await edge.text('one'), await edge.text('other')]).toEqual(['before', 'before'])

    edge.write('_shared', `export const word = 'after'`, 'word.ts')

    await until(async () => await edge.text('one') === 'after' && await edge.text('other') === 'after')
  })
})
