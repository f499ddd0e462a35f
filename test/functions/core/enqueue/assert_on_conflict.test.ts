import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'
import { refusal } from '../../../support/refusal.ts'

describe('assert_on_conflict', () => {
  test.for(['error', 'skip', 'replace'])('knows %s', async (on_conflict, { harness }) => {
    await ask(harness, 'assert_on_conflict', { on_conflict })
  })

  test.for(['ignore', 'Skip', '', null])('does not know %j', async (on_conflict, { harness }) => {
    expect(await refusal(ask(harness, 'assert_on_conflict', { on_conflict }))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining('error, skip or replace'),
    })
  })
})
