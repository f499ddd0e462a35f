import { type Harness } from '../../../support/harness.ts'
import { hooked } from './hooked.ts'

export type Photos = Awaited<ReturnType<typeof hooked>>

/** A table with rows, and a hook on it whose jobs go in order. */
export async function filled(owner: Harness, rows: number, more = '', columns?: string): Promise<Photos> {
  const photos = await hooked(owner, '', columns)
  await owner.db.query(`update supaqueue.queue set ordered = 'key', per_key = 1 where id = $1`, [photos.queue])
  if (rows > 0) {
    await photos.run(
      `insert into %t select i, 'a', case when i % 2 = 0 then 'even' end from generate_series(1, ${rows}) as i`,
    )
  }
  await photos.say(`ordered => 'key'${more}`)
  await photos.jobs()
  return photos
}

export const begin = async (owner: Harness, { name }: Photos, more = '') =>
  (await owner.db.query(`select supaqueue.backfill($1${more}) as id`, [name])).rows[0].id as number

export const progress = async (owner: Harness, id: number) =>
  (await owner.db.query('select supaqueue.backfill_progress($1) as told', [id])).rows[0].told

/** What the sweep does, as often as time would have passed between. */
export async function goOn(owner: Harness, id: number, times = 1): Promise<number> {
  let looked = 0
  for (let i = 0; i < times; i++) {
    await owner.db.query(
      `update supaqueue.backfill set last_at = last_at - interval '10 seconds', created_at = created_at - interval '10 seconds', next_try_at = '-infinity' where id = $1`,
      [id],
    )
    looked += (await owner.db.query('select supaqueue_internal.run_backfills(1000) as looked')).rows[0].looked
  }
  return looked
}

/** Goes on until the backfill has ended; throws what stands in its way. */
export async function goOnToTheEnd(owner: Harness, id: number): Promise<void> {
  for (let told = await progress(owner, id); told.status === 'running'; told = await progress(owner, id)) {
    if (told.reason) throw new Error(told.reason)
    await goOn(owner, id)
  }
}
