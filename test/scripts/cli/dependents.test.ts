import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../../scripts/cli/database/apply.ts'
import { offeredAddons } from '../../../scripts/cli/database/addons.ts'
import { openDatabase } from '../../../scripts/cli/project/database.ts'
import { additions, dependents } from '../../../scripts/cli/project/dependents.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'
import { schemaStep } from '../../../scripts/cli/steps/schema.ts'
import { type TestDatabase, testDatabase } from '../../support/database.ts'

let database: TestDatabase
let db: ReturnType<typeof openDatabase>
beforeEach(async () => {
  database = await testDatabase()
  db = openDatabase(database.ownerUrl)
})
afterEach(async () => {
  await db?.end()
  await database?.drop()
})

const run = async (sql: string) => {
  const owner = await database.connect('owner')
  await owner.query(sql)
}

/** What of the user's stands outside our schemas. */
async function outside() {
  const admin = await database.connect('admin')
  const { rows } = await admin.query<{ what: string }>(
    `select distinct pg_describe_object(d.classid, d.objid, d.objsubid) as what
     from pg_depend as d
     join lateral pg_identify_object(d.classid, d.objid, d.objsubid) as i on i.identity ~ '\\m(mine\\.|pub\\M)'
     order by 1`,
  )
  return rows.map(({ what }) => what)
}

/** What PostgreSQL keeps to itself of a table or view, and what is of one column. */
const PART =
  /^(rule "?_RETURN|type |default value|constraint setting_|index |trigger "?RI_|table mine\.part_a$)|column .* of (view|materialized view|table mine\.part)/

const EVERY_KIND = `
  create schema mine;
  create table mine.note (id integer primary key, status supaqueue.job_status default 'pending', many supaqueue.job_status[]);
  create table mine.plain (t text default supaqueue.fingerprint('a', 1, 'b'), u text, constraint fits check (supaqueue.fingerprint('a', 1, u) <> ''));
  create domain mine.stage as supaqueue.job_status;
  create table mine.staged (stage mine.stage, whole supaqueue.job);
  create type mine.pair as (left_one supaqueue.job_status, right_one integer);
  create table mine.part (status supaqueue.job_status, n integer) partition by list (status);
  create table mine.part_a partition of mine.part for values in ('pending');
  create table mine.child () inherits (supaqueue.setting);
  create table mine.invoice (job bigint constraint of_a_job references supaqueue.job);
  create view mine.waiting as select id from supaqueue.job;
  create view mine.waiting_too as select id from mine.waiting;
  create materialized view mine.counted as select count(*) as jobs from mine.waiting_too;
  create view mine.ends as select public.end_current_job(null, true, true) is null as x;
  create view mine.overview as select * from supaqueue.queue_overview;
  create view mine.noted as select status from mine.note;
  create function mine.takes(job supaqueue.job) returns integer language sql as 'select 1';
  create function mine.counts() returns bigint language sql begin atomic select count(*) from supaqueue.job; end;
  create function mine.does_nothing() returns trigger language plpgsql as $$ begin return new; end $$;
  create policy theirs on mine.plain using (exists (select from supaqueue.job));
  create rule theirs as on delete to mine.plain do also delete from supaqueue.setting where false;
  create trigger theirs after insert on mine.plain for each row
    when (supaqueue.fingerprint('a', 1, new.u) = 'x') execute function mine.does_nothing();
  create policy upon on supaqueue.job for select to authenticated using (true);
  create rule upon as on insert to supaqueue.alert_rule where false do instead nothing;
  create trigger upon after insert on supaqueue.queue for each row execute function mine.does_nothing();
  create index upon_index on supaqueue.job ((payload ->> 'x'));
  create statistics mine.upon on status, queue from supaqueue.job;
  alter table supaqueue.job add column tenant integer, add constraint upon_check check (tenant > 0);
  alter table supaqueue.job add constraint upon_key foreign key (tenant) references mine.note;
  create publication pub for table supaqueue.job, mine.plain;`

describe('what goes along', () => {
  test('of every kind is named, however many steps away, and the parts of it are not', async () => {
    await run(EVERY_KIND)

    expect((await dependents(db)).map(({ name }) => name)).toEqual([
      'default for mine.plain.t',
      'mine.child',
      'mine.counted',
      'mine.counts()',
      'mine.ends',
      'mine.invoice.of_a_job',
      'mine.note.many',
      'mine.note.status',
      'mine.noted',
      'mine.overview',
      'mine.pair.left_one',
      'mine.part',
      'mine.plain.fits',
      'mine.plain.theirs',
      'mine.stage',
      'mine.staged.stage',
      'mine.staged.whole',
      'mine.takes(supaqueue.job)',
      'mine.upon',
      'mine.waiting',
      'mine.waiting_too',
      'policy theirs on mine.plain',
      'policy upon on supaqueue.job',
      'rule theirs on mine.plain',
      'rule upon on supaqueue.alert_rule',
      'supaqueue.job in publication pub',
      'supaqueue.job.tenant',
      'supaqueue.job.upon_check',
      'supaqueue.job.upon_key',
      'supaqueue.queue.upon',
      'supaqueue.upon_index',
    ])
  })

  test.for([false, true])(
    'is all that is missing afterward, nothing stands in the way; tables kept: %s',
    async (keepData) => {
      await run(EVERY_KIND)
      const before = await outside()
      const named = await dependents(db, { keepData })
      await schemaStep.takeAway({ db, note: () => {} } as unknown as Project, { keepData })
      const after = await outside()
      const gone = before.filter((what) => !after.includes(what))
      const unnamed = gone.filter((what) => !named.some((one) => what.includes(one.what) || what.includes(one.name)))

      expect(gone.length).toBeGreaterThan(3)
      expect(unnamed.filter((what) => !PART.test(what))).toEqual([])
      expect(named.filter(({ what }) => after.includes(what))).toEqual([])
    },
  )

  test('is nothing where all is ours: add-ons, hooks and login roles too', async () => {
    await applyDatabase(database.ownerUrl, undefined, offeredAddons())
    await run(`
      create table public.photo (id integer primary key);
      select supaqueue.create_queue('photos', 'photo'), supaqueue.on_change('public.photo', 'photos')`)

    expect([...await additions(db), ...await dependents(db), ...await dependents(db, { keepData: true })]).toEqual([])
  })
})
