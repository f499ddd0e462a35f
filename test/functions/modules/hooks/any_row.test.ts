import { describe, expect } from 'vitest'
import { refusal } from '../../../support/refusal.ts'
import { test } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

// No write fails for its hook, whatever stands in a row, and each change becomes a job.

const NO_JSON = [`'"\\u0000"'`, `'"\\ud800"'`, `'1e400000'`, `'{"a": [{"\\u0000": 1}]}'`]

describe('a row that cannot be written as JSON', () => {
  test.for(
    [
      ['', 'json'],
      [`payload => 'changes'`, 'json'],
      [`payload => 'keys'`, 'json'],
      [`columns => '{kind}'`, 'json'],
      [`"when" => 'new.kind::jsonb is null or true'`, 'json'],
      ['', 'json[]'],
      ['', 'public.a_json'],
    ] as const,
  )('is sent by its keys, and those beside it whole: %s %s', async ([more, type], { another }) => {
    const owner = await another('owner')
    await owner.db.query(
      `do $$ begin create domain public.a_json as json; exception when duplicate_object then null; end $$`,
    )
    const photos = await hooked(owner, more, `id integer primary key, path text, kind ${type}`)
    const value = (json: string) => type === 'json[]' ? `array[${json}::json]` : json

    for (const json of NO_JSON) {
      await photos.run(`insert into %t values (1, 'a', ${value(json)}), (2, 'b', ${value(`'{"well": 1}'`)})`)
      await photos.run(`update %t set path = 'c', kind = ${value(`'{"well": 2}'`)} where id = 1`)
      await photos.run('delete from %t')
      const jobs = await photos.jobs()
      const told = (id: number) =>
        jobs.filter(({ payload: { record, old_record } }) => ((record ?? old_record) as { id: number }).id === id)
          .map(({ payload, origin }) => [payload.type, origin['hook-payload']])
      const whole = /'(changes|keys)'/.exec(more)?.[1]
      expect(told(1)).toEqual([['INSERT', 'keys'], ['UPDATE', 'keys'], ['DELETE', whole]])
      expect(told(2)).toEqual([['INSERT', whole], ['DELETE', whole]])
    }
    const faults = await photos.faults()
    expect(
      faults.find(({ reason }) =>
        reason.startsWith('of a row that cannot be written as JSON only the keys are sent: ')
      ),
    )
      .toMatchObject({ code: 'SQ422', lost: 0 })
  })

  test('is sent without its rows where what it is called is not known any more', async ({ another }) => {
    const owner = await another('owner')
    const photos = await hooked(owner, `ignore => '{path}'`, 'id integer primary key, path text, kind json')

    await photos.run(`insert into %t values (1, 'a', ${NO_JSON[0]})`)
    await photos.run(`update %t set path = 'b'`)
    await photos.run('alter table %t rename column id to number')
    await photos.run(`update %t set path = 'b', kind = ${NO_JSON[1]}`)

    expect((await photos.jobs()).map(({ payload: { type, record }, origin }) => [type, record, origin['hook-payload']]))
      .toEqual([['INSERT', { id: 1 }, 'keys'], ['UPDATE', null, 'none'], ['UPDATE', null, 'none']])
  })
})

test('a column that is called as what is of the hook is refused, and one that comes later leaves the rows out', async ({ another }) => {
  const owner = await another('owner')
  const photos = await hooked(owner)

  for (
    const name of (await owner.db.query('select unnest(supaqueue_internal.hook_names())::text as name')).rows.map((
      { name },
    ) => name)
  ) {
    await photos.run(`alter table %t add column ${name} text`)
    await photos.run(`insert into %t values (1, 'a', 'b', 'c')`)
    await photos.run(`update %t set path = 'd'`)
    await photos.run('delete from %t')
    expect(
      (await photos.jobs()).map((
        { payload: { type, record, old_record }, origin },
      ) => [type, record ?? old_record, origin['hook-payload']]),
    )
      .toEqual([['INSERT', null, 'none'], ['UPDATE', null, 'none'], ['DELETE', null, 'none']])
    expect(await photos.faults()).toContainEqual(
      {
        code: 'SQ422',
        reason: `the column ${name} is called as what is of the hook itself: rows are left out`,
        lost: 0,
      },
    )
    expect(await refusal(photos.say(''))).toMatchObject({
      code: 'SQ422',
      hint: expect.stringContaining(`rename column ${name}`),
    })
    await photos.run(`alter table %t drop column ${name}`)
  }
})
