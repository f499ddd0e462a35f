import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { codes, type Finding, findings, makeHealthy } from './healthy.ts'

test('a rule of the user on a table of ours is named, with what drops it', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const owner = await database.connect('owner')
  await owner.query('create rule keep as on update to supaqueue.job where new.priority > 5 do instead nothing')

  const [found] = await findings(harness)
  expect(found).toMatchObject({ code: 'rule', severity: 'error', remedy: 'drop rule keep on supaqueue.job;' })

  await owner.query(found!.remedy!)
  expect(await codes(harness)).toEqual([])
})

test('a trigger of ours that is switched off is named, with what switches it on', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const owner = await database.connect('owner')
  await owner.query('alter table supaqueue.job disable trigger on_job_ready')

  const [found] = await findings(harness)
  expect(found).toMatchObject({ code: 'trigger_disabled', severity: 'error' })

  await owner.query(found!.remedy!)
  expect(await codes(harness)).toEqual([])
})

const demands: [what: string, come: string, finding: Partial<Finding>][] = [
  [
    'a column of the user that must be filled and has no default',
    `alter table supaqueue.current_job add column "Mine" text not null`,
    {
      code: 'column_required',
      severity: 'error',
      remedy: 'alter table supaqueue.current_job alter column "Mine" drop not null;',
    },
  ],
  [
    'a unique index of the user',
    'create unique index on supaqueue.attempt (job)',
    { code: 'constraint', severity: 'warning', remedy: 'drop index supaqueue.attempt_job_idx;' },
  ],
  [
    'a unique constraint of the user',
    'alter table supaqueue.counter_delta add unique (queue)',
    {
      code: 'constraint',
      severity: 'warning',
      remedy: 'alter table supaqueue.counter_delta drop constraint counter_delta_queue_key;',
    },
  ],
  [
    'an exclusion constraint of the user',
    'alter table supaqueue.current_job add constraint mine exclude (queue with =)',
    { code: 'constraint', severity: 'warning', remedy: 'alter table supaqueue.current_job drop constraint mine;' },
  ],
]

test.for(demands)('%s is named, with what takes it back', async ([, come, finding], { database, harness }) => {
  await makeHealthy(database, harness)
  const owner = await database.connect('owner')
  await owner.query(come)

  expect(await findings(harness)).toMatchObject([finding])

  await owner.query(finding.remedy!)
  expect(await codes(harness)).toEqual([])
})

const ofJobs: [what: string, come: string, remedy: string][] = [
  [
    'a unique index',
    `create unique index one_at_a_time on supaqueue.job (queue) where status = 'in_progress'`,
    'drop index supaqueue.one_at_a_time;',
  ],
  [
    'a check',
    `alter table supaqueue.job add check (status <> 'in_progress')`,
    'alter table supaqueue.job drop constraint job_status_check;',
  ],
  [
    'an exclusion constraint',
    `alter table supaqueue.job add constraint one_at_a_time exclude (queue with =) where (status = 'in_progress')`,
    'alter table supaqueue.job drop constraint one_at_a_time;',
  ],
]

test.for(ofJobs)(
  '%s of the user on jobs is named once it has refused one',
  async ([, come, remedy], { database, harness }) => {
    await makeHealthy(database, harness)
    const owner = await database.connect('owner')
    const queue = await harness.queue({ workers: 2 })
    await owner.query(come)
    expect(await codes(harness)).not.toContain('constraint')

    await harness.jobs(queue, 2)
    await harness.take(randomUUID(), queue)

    expect(await findings(harness)).toContainEqual(expect.objectContaining({ code: 'constraint', remedy }))
    await owner.query(remedy)
    await harness.db.query('update supaqueue.trouble set next_try_at = now()')
    await harness.sweep()
    expect(await codes(harness)).not.toContain('constraint')
  },
)

test('chores whose rows are gone are named', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  await harness.db.query(`delete from supaqueue.chore where name in ('prune', 'troubles')`)

  expect(await findings(harness)).toMatchObject([{
    code: 'chores_missing',
    severity: 'error',
    text: expect.stringMatching(/^the sweep leaves 2 chores undone, such as prune_finished/),
    remedy: 'npx supaqueue upgrade',
  }])
})

test('every chore that there is takes `most`, and nothing else that returns a number does', async ({ harness }) => {
  const { rows } = await harness.db.query(`
    select proname from pg_proc
    where pronamespace = 'supaqueue_internal'::regnamespace and prorettype = 'integer'::regtype and 'most' = any (proargnames)
      and pronargs = pronargdefaults
    order by 1`)
  const { rows: chores } = await harness.db.query('select routine as proname from supaqueue.chore order by routine')

  expect(rows).toEqual(chores)
})
