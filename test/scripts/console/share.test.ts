import { expect, test } from 'vitest'
import { makeShare } from '../../../scripts/console/share.ts'

/** A share whose time goes by when it is told to, and a read that takes so long. */
function scene(costMs: number) {
  let now = 0
  let reads = 0
  const share = makeShare({ now: () => now })
  return {
    share,
    read: (options = {}) =>
      share.read('all', () => {
        now += costMs
        return Promise.resolve(++reads)
      }, options),
    pass: (ms: number) => now += ms,
    reads: () => reads,
  }
}

test('those who ask at the same time share one read', async () => {
  const { read, reads } = scene(1)

  const answers = await Promise.all([read(), read(), read()])

  expect(answers.map(({ body }) => body)).toEqual(['1', '1', '1'])
  expect(reads()).toBe(1)
})

test('what was read counts for a second, then it is read anew', async () => {
  const { read, reads, pass } = scene(1)
  await read()

  pass(999)
  await read()
  expect(reads()).toBe(1)

  pass(1)
  await read()
  expect(reads()).toBe(2)
})

test('what costs more is read more seldom, and says so', async () => {
  const { read, reads, pass } = scene(400)

  expect((await read()).refreshMs).toBe(10_000)
  pass(9999)
  await read()
  expect(reads()).toBe(1)
})

test('who looks for the first time is given nothing older than a second, or the time of two reads', async () => {
  const { read, reads, pass } = scene(400)
  await read()

  pass(999)
  await read({ anew: true })
  expect(reads()).toBe(1)
  pass(1)
  await read()
  expect(reads()).toBe(1)
  await read({ anew: true })
  expect(reads()).toBe(2)

  const slow = scene(4000)
  await slow.read()
  slow.pass(7999)
  await slow.read({ anew: true })
  expect(slow.reads()).toBe(1)
  slow.pass(1)
  await slow.read({ anew: true })
  expect(slow.reads()).toBe(2)
})

test('who looks for the first time while it is being read shares that', async () => {
  const { read, reads } = scene(400)

  await Promise.all([read({ anew: true }), read({ anew: true })])

  expect(reads()).toBe(1)
})

test('after a change it is read at once', async () => {
  const { share, read, reads } = scene(1)
  await read()

  share.forget()
  await read()

  expect(reads()).toBe(2)
})

test('a read that failed is not shared with who comes later', async () => {
  const share = makeShare({ now: () => 0 })
  await expect(share.read('all', () => Promise.reject(new Error('no')))).rejects.toThrow('no')

  expect((await share.read('all', () => Promise.resolve('yes'))).body).toBe('"yes"')
})

test('all that is looked at together takes a twentieth of the time', async () => {
  let now = 0
  let spent = 0
  const share = makeShare({ now: () => now })
  const look = (name: string, costMs: number) =>
    share.read(name, () => {
      now += costMs
      spent += costMs
      return Promise.resolve(name)
    })
  const tabs = Array.from({ length: 10 }, (_, n) => ({ name: `page ${n}`, costMs: 20 * (n + 1), next: 0 }))

  const from = 100_000
  let before = 0
  while (now < from + 600_000) {
    const tab = tabs.reduce((first, tab) => tab.next < first.next ? tab : first)
    now = Math.max(now, tab.next)
    if (now < from) before = spent
    tab.next = now + (await look(tab.name, tab.costMs)).refreshMs
  }

  expect((spent - before) / (now - from)).toBeLessThanOrEqual(0.05)
})

test('what nobody looks at any more slows nothing down', async () => {
  let now = 0
  const share = makeShare({ now: () => now })
  const look = (name: string, costMs: number) =>
    share.read(name, () => {
      now += costMs
      return Promise.resolve(name)
    })

  const { refreshMs } = await look('left', 500)
  now += refreshMs + 5000

  expect((await look('looked at', 100)).refreshMs).toBe(2500)
})
