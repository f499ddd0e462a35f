import { randomUUID } from 'node:crypto'
import { type Harness } from '../../../support/harness.ts'

/** A table of the test's own with a hook on it. `more` is what on_change is told besides, as SQL. */
export async function hooked(owner: Harness, more = '', columns = 'id integer primary key, path text, kind text') {
  const table = `public.t_${randomUUID().replaceAll('-', '')}`
  const name = `hook ${randomUUID()}`
  const queue = await owner.queue()
  await owner.db.query(`create table ${table} (${columns})`)
  const say = async (more: string) =>
    await owner.db.query(`select supaqueue.on_change($1, $2, name => $3${more && `, ${more}`})`, [table, queue, name])
  await say(more)

  return {
    table,
    name,
    queue,
    say,
    run: async (sql: string) => await owner.db.query(sql.replaceAll('%t', table)),
    /** The bodies of the jobs that came since the last time, with their origin. */
    async jobs(): Promise<{ payload: Record<string, unknown>; origin: Record<string, string> }[]> {
      const { rows } = await owner.db.query(
        `with gone as (delete from supaqueue.job where queue = $1 returning id, payload, origin)
         select payload, origin from gone order by id`,
        [queue],
      )
      return rows
    },
    async types(): Promise<string[]> {
      return (await this.jobs()).map(({ payload }) => payload.type as string)
    },
    async faults(): Promise<{ code: string; reason: string; lost: number }[]> {
      const { rows } = await owner.db.query(
        `select code, reason, lost from supaqueue.hook_fault where hook = (select id from supaqueue.hook where name = $1) order by id`,
        [name],
      )
      return rows
    },
  }
}
