import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openClient } from '../../scripts/dev/client.ts'
import { refusal } from '../support/refusal.ts'
import { openScene, type Scene } from './support/scene.ts'

const awkward: Record<string, string> = {
  emoji: '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 e\u0301',
  'right to left': 'שלום \u202eעולם\u202c مرحبا',
  quotes: `'single' "double" \`back\` ''twice'' $$dollar$$`,
  backslashes: String.raw`C:\new\table \\ \u0041 \0 \"`,
  newlines: 'one\ntwo\r\nthree\r\u2028four\ttab',
  'control characters': '\u0001\u0007\u001b[31m\u007f\u0085',
  percent: '%s %00 %25 ${x} {{y}} <script>',
  nothing: '',
}
const nested = (depth: number) => JSON.parse('[{"in":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2))

let scene: Scene

beforeAll(async () => {
  scene = await openScene({ rest: 'lite' })
})

beforeEach(() => scene.witness.forget())

afterAll(() => scene?.close())

describe('a payload', () => {
  const payloads: [string, unknown][] = [
    ...Object.entries(awkward),
    ['awkward names', Object.fromEntries(Object.values(awkward).map((text, n) => [text, n]))],
    ['names of JavaScript', JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": null}')],
    ['100 kB', { text: 'ä'.repeat(50_000) }],
    ['four hundred levels', nested(400)],
    ['null', null],
  ]

  test.each(payloads)('of %s reaches the function as it was', async (_, payload) => {
    const queue = await scene.queue()

    await scene.job(queue, payload)
    await scene.untilEnded(queue)

    expect(await scene.fates(queue)).toEqual(['success 1'])
    expect(scene.witness.calls.map((call) => call.payload)).toEqual([payload])
  })

  test('of any of these passes through supabase-js, and its answer comes back as the result', async () => {
    const queue = await scene.queue({ workers: 5 })
    const client = openClient(scene.stack, scene.stack.keys.secret).schema('supaqueue')
    const jobs = payloads.filter(([name]) => !['100 kB', 'a thousand levels'].includes(name))
      .map(([name, payload]) => ({ queue, payload: { name, payload } }))

    await client.from('job').insert(jobs).throwOnError()
    await scene.untilEnded(queue)

    const { data } = await client.from('job').select('payload, result').eq('queue', queue).order('id').throwOnError()
    expect(data).toEqual(jobs.map(({ payload }) => ({ payload, result: payload })))
  })

  test('with NUL is refused by the insert, in words', async () => {
    const queue = await scene.queue()

    expect(await refusal(scene.job(queue, { text: 'a\0b' }))).toMatchObject({
      code: '22P05',
      message: 'unsupported Unicode escape sequence',
      detail: '\\u0000 cannot be converted to text.',
    })
    const { error } = await openClient(scene.stack, scene.stack.keys.secret)
      .schema('supaqueue').from('job').insert({ queue, payload: { text: 'a\0b' } })
    expect(error).toMatchObject({ code: '22P05' })
    expect(await scene.fates(queue)).toEqual([])
  })
})

describe('a default header', () => {
  test.each(['é ÿ ¡', `"a" 'b' \\ c\td; e=f, g`, '%00 ${x}', ''])(
    'of %j reaches the function as it was',
    async (text) => {
      const queue = await scene.queue({ default_headers: { 'x-awkward': text } })

      await scene.job(queue)
      await scene.untilEnded(queue)

      expect(scene.witness.calls.map(({ headers }) => headers['x-awkward'])).toEqual([text])
    },
  )

  test.each([
    [{ 'x-a': '🙂' }],
    [{ 'x-a': 'שלום' }],
    [{ 'x-a': 'a\r\nx-b: c' }],
    [{ 'x a': 'b' }],
    [{ 'x-a': { deep: 1 } }],
    [{ 'x-a': 'x'.repeat(100_000) }],
  ])('that cannot be sent is refused by the insert, with a hint (%#)', async (default_headers) => {
    expect(await refusal(scene.queue({ default_headers }))).toMatchObject({ code: 'SQ422', hint: expect.any(String) })
  })

  test('as long as may be reaches the function', async () => {
    const text = 'x'.repeat(8192 - JSON.stringify({ 'x-long': '' }).length - 1)
    const queue = await scene.queue({ default_headers: { 'x-long': text }, name: '🙂'.repeat(200) })

    await scene.job(queue)
    await scene.untilEnded(queue)

    expect(scene.witness.calls.map(({ headers }) => headers['x-long'])).toEqual([text])
  })
})

describe('the name of a queue', () => {
  test.each(Object.entries(awkward).filter(([, name]) => name !== ''))(
    'of %s reaches the function in percent-encoding',
    async (_, name) => {
      const queue = await scene.queue({ name })

      await scene.job(queue)
      await scene.untilEnded(queue)

      expect(scene.witness.calls.map(({ headers }) => decodeURIComponent(headers['supaqueue-queue']!))).toEqual([name])
    },
  )

  test('above 200 characters is refused, with a hint', async () => {
    expect(await refusal(scene.queue({ name: 'x'.repeat(201) }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('a shorter one'),
    })
  })

  test('that is long from before does not stand in the way of other changes', async () => {
    const queue = await scene.queue()
    const admin = await scene.connect(scene.stack.adminUrl)
    await admin.query('set session_replication_role = replica')
    await admin.query(`update supaqueue.queue set name = repeat('x', 500) where id = $1`, [queue])
    await admin.end()

    await scene.harness.update('queue', queue, { paused: true })

    expect((await scene.db.query('select paused from supaqueue.queue where id = $1', [queue])).rows).toEqual([{
      paused: true,
    }])
  })

  test('with NUL is refused, in words', async () => {
    expect(await refusal(scene.queue({ name: 'a\0b' }))).toMatchObject({
      message: expect.stringMatching(/invalid byte sequence/),
    })
  })
})
