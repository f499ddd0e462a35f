import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { expect } from 'vitest'
import { referencePages } from '../../../scripts/build/reference/pages.ts'
import { root } from '../../support/markdown.ts'
import { test } from '../../support/harness.ts'

test('the reference in docs is what pnpm reference would write', async ({ harness }) => {
  for (const [path, text] of await referencePages(harness.db)) {
    expect(readFileSync(path, 'utf8'), `${relative(root, path)}: run pnpm reference`).toBe(text)
  }
})
