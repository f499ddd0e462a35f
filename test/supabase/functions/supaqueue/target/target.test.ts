import { describe, expect, test } from 'vitest'
import { targetOfJob, targetOfQueue, withQuery } from '../../../../../supabase/functions/supaqueue/target/target.ts'
import type { QueueRow } from '../../../../../supabase/functions/supaqueue/turn/turn.ts'
import { NotCallable } from '../../../../../supabase/functions/supaqueue/outcome/not_callable.ts'
import { queueRow } from '../support/calling.ts'

const killed = (go: () => unknown): string | undefined => {
  try {
    go()
  } catch (reason) {
    if (reason instanceof NotCallable && reason.outcome.outcome === 'killed') return reason.message
    throw reason
  }
}

test('a queue goes to its function, or to its URL', () => {
  expect(targetOfQueue(queueRow(), 'https://p.example/functions/v1')).toMatchObject({
    kind: 'function',
    url: 'https://p.example/functions/v1/send-mail',
  })
  expect(targetOfQueue(queueRow({ url: 'https://api.example/v1?a=b#c' }), '')).toEqual({
    kind: 'url',
    url: 'https://api.example/v1?a=b',
    host: 'api.example',
  })
})

test.each([
  'ftp://a.example/',
  'file:///etc/passwd',
  'javascript:1',
  '/relative',
  '',
  'https://u:p@a.example/',
  'https://u@a.example/',
])(
  'the url %j of a queue kills its jobs, with a hint',
  (url) => {
    expect(killed(() => targetOfQueue({ ...queueRow(), edge_function_name: null, url }, ''))).toMatch(/^SQ422: .*\. .*/)
  },
)

describe("a job's own url", () => {
  const queue = queueRow({ url: 'https://api.example/v1', allowed_hosts: ['eu.example', 'us.example:8443'] })
  const go = (url: string, row: QueueRow = queue) => killed(() => targetOfJob(row, url))

  test.each([
    'https://api.example/v2',
    'https://API.EXAMPLE/v2',
    'https://api.example:443/',
    'https://eu.example/',
    'https://us.example:8443/',
  ])('may be %s', (url) => {
    expect(go(url)).toBe(undefined)
  })

  test.each([
    'https://evil.example/',
    'https://us.example/',
    'https://api.example:444/',
    'https://eu.example:444/',
    'https://x.api.example/',
    'https://api.example.evil.example/',
    'https://api.example@evil.example/',
    'https://evil.example\\@api.example/',
    'http://api.example/',
    '//api.example/',
  ])('may not be %s', (url) => {
    expect(go(url)).toMatch(/^SQ422: /)
  })

  test('may not lead a queue for a function elsewhere', () => {
    expect(go('https://eu.example/', queueRow({ allowed_hosts: ['eu.example'] }))).toMatch(/calls a function/)
  })
})

test('parameters are added behind those there are, which stay as they are written', () => {
  expect(withQuery('https://a.example/b?c=d%20e', [['f', 'g h&i'], ['ü', '1']])).toBe(
    'https://a.example/b?c=d%20e&f=g+h%26i&%C3%BC=1',
  )
  expect(withQuery('https://a.example/b', [['f', '1']])).toBe('https://a.example/b?f=1')
  expect(withQuery('https://a.example/b', [])).toBe('https://a.example/b')
})
