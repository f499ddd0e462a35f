import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import * as kit from '../../../../supabase/functions/_shared/supaqueue/decision.ts'
import { report } from '../../../supabase/functions/supaqueue/turn/schema.ts'
import { test } from '../../../support/harness.ts'
import { itemsOf } from '../../../support/markdown.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** The outcomes of docs/reference/turn.md: whether they use an attempt, and what follows. */
const documented = itemsOf(readFileSync(join(root, 'docs/reference/turn.md'), 'utf8'))
  .filter((item) => item.includes('*What follows:*'))
  .map((item) => ({
    name: /^`(\w+)`/.exec(item)![1]!,
    used: /\*Attempt used:\* (.*?)\. \*What/.exec(item)?.[1] ?? '',
    follows: item.split('*What follows:* ')[1]!,
  }))

describe('The outcomes of a call', () => {
  test('are those that the turn takes', async ({ harness }) => {
    const { rows } = await harness.db.query('select outcome from supaqueue.outcome')

    expect(rows.map(({ outcome }) => outcome).sort()).toEqual([...report.shape.outcome.options].sort())
  })

  test('use an attempt as docs/reference/turn.md has it, and leave the job as it has it', async ({ harness }) => {
    const { rows } = await harness.db.query('select * from supaqueue.outcome')

    expect(documented.map(({ name }) => name)).toEqual(rows.map(({ outcome }) => outcome))
    for (const [at, { name, used, follows }] of documented.entries()) {
      const row = rows[at]
      const said = used.startsWith('yes')
        ? 'used'
        : used.includes('start over')
        ? 'anew'
        : used === 'no'
        ? 'returned'
        : row.attempt
      expect([name, row.attempt]).toEqual([name, said])
      // As failed, as not_run, and what is deleted or kept have no word for it.
      const status = follows.match(/`(success|failed|pending|held)`/)?.[1]
      if (status !== undefined && row.bounded === null) expect([name, row.becomes]).toEqual([name, status])
    }
  })

  test('have the words of the kit, and by no others', async ({ harness }) => {
    const { rows } = await harness.db.query('select word from supaqueue.outcome where word is not null')

    expect(rows.map(({ word }) => word).sort()).toEqual([...kit.OUTCOMES].sort())
  })
})
