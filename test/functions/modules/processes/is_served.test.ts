import { expect } from 'vitest'
import { test as base } from '../../../support/harness.ts'
import { live } from './live.ts'

const test = base.extend<{ $test: { alone: void } }>({
  alone: [async ({ harness }, use) => {
    await harness.db.query('delete from supaqueue.process')
    await use()
  }, { auto: true }],
})

test.for(
  [
    ['serves all', {}, true, true],
    ['serves it by name', { queues: ['fn', 'url'] }, true, true],
    ['serves others', { queues: ['else'] }, false, false],
    ['has no key for functions', { functions: false }, false, true],
    ['has died', { lease: '-1 second' }, false, false],
    ['has a lease of a clock that was set back', { lease: '2 hours' }, false, false],
  ] as const,
)('a process that %s: is_served says what notify_process does', async ([, process, ofFunction, ofUrl], { harness }) => {
  await harness.db.query(`delete from supaqueue.queue where name in ('fn', 'url')`)
  const fn = await harness.queue({ name: 'fn', edge_function_name: 'x' })
  const url = await harness.queue({ name: 'url', url: 'https://example.com/', signing_secrets: [] })
  await live(harness, process)

  const { rows: [said] } = await harness.db.query(
    `select supaqueue_internal.is_served($1) as fn, supaqueue_internal.is_served($2) as url,
       supaqueue_internal.notify_process($1) as fn_told, supaqueue_internal.notify_process($2) as url_told`,
    [fn, url],
  )

  expect(said).toEqual({ fn: ofFunction, url: ofUrl, fn_told: ofFunction, url_told: ofUrl })
})
