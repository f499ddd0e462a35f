import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['-3 seconds', '0.0 s'],
    ['1.24 seconds', '1.2 s'],
    ['10 seconds', '10 s'],
    ['119 seconds', '119 s'],
    ['2 minutes', '2 min'],
    ['2 hours', '2 h'],
    ['49 hours', '2 days'],
    ['400 days', '400 days'],
  ] as const,
)('%s is said as %s', async ([span, words], { harness }) => {
  expect((await harness.db.query('select supaqueue_internal.say_interval($1) as said', [span])).rows[0].said).toBe(
    words,
  )
})
