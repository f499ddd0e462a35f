import { expect } from 'vitest'
import { type Harness, test as base } from '../../../support/harness.ts'
import { inLine } from '../../../support/line.ts'
import { hooked } from './hooked.ts'

type Counting = { harness: Harness; calledByMany(work: () => Promise<unknown>): Promise<string[]> }

const many = 1000

const test = base.extend<Counting>({
  // Only a superuser may have functions counted.
  harness: async ({ another }, use) => await use(await another('admin')),

  /** The functions of supaqueue that this calls so often that it must be for each of its many rows, but the one that looks at each job. */
  calledByMany: async ({ harness }, use) => {
    await use(async (work) => {
      await harness.db.query(`set track_functions = 'all'`)
      await harness.begin()
      await work()
      const { rows } = await harness.db.query(
        `select funcname as name, calls::integer from pg_stat_xact_user_functions where schemaname = 'supaqueue_internal'`,
      )
      await harness.rollback()
      expect(rows.map(({ name }) => name)).toContain('check_inserted_job')
      return rows.filter(({ name, calls }) => calls >= many && name !== 'check_inserted_job').map(({ name }) => name)
    })
  },
})

test('no function is called for each job of an insert with keys into an ordered queue', async ({ harness, calledByMany }) => {
  const line = await inLine(harness)

  expect(
    await calledByMany(() =>
      harness.db.query(
        `insert into supaqueue.job (queue, concurrency_key) select $1, 'key ' || i from generate_series(1, $2::integer) as i`,
        [line.queue, many],
      )
    ),
  ).toEqual([])
})

test.for(
  [
    ['ordered', 'id integer primary key, path text'],
    ['"coalesce"', 'id integer primary key, path text'],
    ['ordered', 'id integer, path text, primary key (id, path)'],
  ] as const,
)(
  'no function is called for each row of a write whose changes have keys (%s, %s)',
  async ([how, columns], { harness, calledByMany }) => {
    const photos = await hooked(harness, '', columns)
    await harness.db.query(`update supaqueue.queue set ordered = 'key', dedupe_until = 'begun' where id = $1`, [
      photos.queue,
    ])
    await photos.say(`${how} => 'key'`)

    expect(await calledByMany(() => photos.run(`insert into %t select i, 'a' from generate_series(1, ${many}) as i`)))
      .toEqual([])
  },
)
