import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

test('note_hook_fault writes the same down once, what is lost each time, and of no hook nothing', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner)
  const note = (reason: string, lost: number, hook = '(select id from supaqueue.hook where name = $3)') =>
    owner.db.query(
      `select supaqueue_internal.note_hook_fault(${hook}, 'XX000', $1, $2)${hook.startsWith('(') ? '' : ', $3::text'}`,
      [reason, lost, photos.name],
    )

  await note('one', 0)
  await note('one', 0)
  await note('two', 0)
  await note('one', 3)
  await note('one', 4)
  await note('one', 5, 'gen_random_uuid()')

  expect((await photos.faults()).map(({ reason, lost }) => [reason, lost])).toEqual([
    ['one', 0],
    ['two', 0],
    ['one', 3],
    ['one', 4],
  ])
})

test('note_hook_fault writes down ten a minute of a hook at most, whatever each of many rows has it say', async ({ another }) => {
  const photos = await hooked(await another('owner'), `"when" => 'new.path::integer > 0'`)

  await photos.run(`insert into %t select n, 'x' || n, 'image' from generate_series(1, 50) as n`)
  await photos.run(`insert into %t select n, 'y' || n, 'image' from generate_series(51, 60) as n`)

  expect(await photos.faults()).toHaveLength(10)
  expect(await photos.jobs()).toHaveLength(60)
})
