import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('hook_call writes the statement that makes a hook as it is', async ({ another }) => {
  const owner = await another('owner')
  const plain = await hooked(owner)
  const whole = await hooked(
    owner,
    `events => '{update,truncate}', columns => '{path}', ignore => '{kind}', "when" => 'new.kind = ''it''''s''', payload => 'keys', soft => true`,
  )
  const rowOf = async (name: string) =>
    (await owner.db.query('select * from supaqueue.hook where name = $1', [name])).rows[0]
  const callOf = async (name: string): Promise<string> =>
    (await owner.db.query('select supaqueue_internal.hook_call(hook) as sql from supaqueue.hook where name = $1', [
      name,
    ])).rows[0].sql

  expect(await callOf(plain.name)).toMatch(
    /^select supaqueue\.on_change\('public\.t_\w+', 'q-[\w-]+', name => 'hook [\w-]+'\);$/,
  )
  for (const { name } of [plain, whole]) {
    const { id: _id, created_at: _at, ...row } = await rowOf(name)
    const call = await callOf(name)
    await owner.db.query('select supaqueue.off_change($1)', [name])
    await owner.db.query(call)
    expect(await rowOf(name)).toMatchObject(row)
  }
})
