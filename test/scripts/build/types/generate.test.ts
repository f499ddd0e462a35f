import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { generateTypes, typesFile } from '../../../../scripts/build/types/generate.ts'
import { test } from '../../../support/harness.ts'

describe('the types of the database', () => {
  test('are those of the schema as it is: pnpm types writes them anew', async ({ database }) => {
    expect(readFileSync(typesFile, 'utf8')).toBe(await generateTypes(await database.connect('owner')))
  })

  test('follow the schema when it changes', async ({ ownDatabase }) => {
    const owner = await ownDatabase.connect('owner')
    await owner.query(`
      alter table supaqueue.job add column flavour text not null, add column size integer default 1;
      alter type supaqueue.job_status add value 'lost'`)

    const types = await generateTypes(owner)

    expect(types).toMatch(/Row: \{[^}]*\n {10}flavour: string\n/)
    expect(types).toMatch(/Insert: \{[^}]*\n {10}flavour: string\n/)
    expect(types).toMatch(/Insert: \{[^}]*\n {10}size\?: number \| null\n/)
    expect(types).toContain(`| 'lost'`)
  })
})
