import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { harness as harnessOf, test } from '../../../support/harness.ts'

test('writes down one by one that calls went out, and sets aside those that cannot be', async ({ ownDatabase }) => {
  const [harness, owner] = [harnessOf(await ownDatabase.connect()), harnessOf(await ownDatabase.connect('owner'))]
  const queue = await harness.queue({ workers: 2 })
  const [bad, good] = await harness.jobs(queue, 2)
  const run = randomUUID()
  const tokens = (await harness.take(run, queue)).map(({ current_job }) => current_job.id)
  await owner.db.query(`create function public.harm() returns trigger language plpgsql as
    $$ begin if new.called and new.job = ${bad} then raise exception 'no'; end if; return new; end $$;
    create trigger harm before update on supaqueue.current_job for each row execute function public.harm()`)

  await harness.called(run, queue, tokens)

  const { rows } = await harness.db.query('select job, called from supaqueue.current_job order by job')
  expect(rows).toEqual([{ job: bad, called: false }, { job: good, called: true }])
  expect((await harness.db.query('select kind, job, reason from supaqueue.trouble')).rows).toEqual([
    { kind: 'called', job: bad, reason: 'no' },
  ])
})
