import { describe, expect } from 'vitest'
import { ask } from '../../../support/ask.ts'
import { test } from '../../../support/harness.ts'

describe('merge_headers', () => {
  test.for([
    [{ a: '1' }, { b: '2' }, { a: '1', b: '2' }],
    [{ 'X-A': '1', c: '3' }, { 'x-a': '2' }, { 'x-a': '2', c: '3' }],
    [{ a: '1' }, null, { a: '1' }],
    [null, { a: '1' }, { a: '1' }],
    [null, null, null],
    [{}, {}, null],
  ])('%j and %j make %j', async ([base, over, merged], { harness }) => {
    expect(await ask(harness, 'merge_headers', { base, over })).toEqual(merged)
  })
})
