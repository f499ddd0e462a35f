import { describe, expect, test } from 'vitest'
import { explore } from './explore.ts'
import { rehearse } from './rehearse.ts'
import { control } from './scenarios/control.ts'
import { threeSessions } from './scenarios/three.ts'
import { twoSessions } from './scenarios/two.ts'
import { type Mutation, setStage } from './stage.ts'

const enough = 3000

/** What is wrong with a scenario when the functions are changed: the first fault found, or undefined. */
async function faultOf(title: string, mutations: Mutation[]): Promise<string | undefined> {
  const scenario = [...twoSessions, ...threeSessions, ...control].find((each) => each.title.startsWith(title))!
  const stage = await setStage(mutations)
  try {
    return (await rehearse(stage, scenario, (playOne) => explore(playOne, enough))).fault?.what
  } finally {
    await stage.close()
  }
}

const sleep = 'enqueue | a run falls asleep'
const noHorizon = {
  file: 'fall_asleep',
  replace: 'late := supaqueue_internal.next_look(fall_asleep.queue);',
  by: 'late := at;',
}

/** What protects from a lost wake-up, where its absence shows, and how it is taken away. */
const protections: [protection: string, scenario: string, ...Mutation[]][] = [
  ['the lock of whoever looks for a run', sleep, {
    file: 'ensure_run',
    replace: 'if not pg_try_advisory_xact_lock_shared(1398100049, uuid_hash(ensure_run.queue)) then',
    by: 'if false then',
  }],
  ['the wake-up of a look that is refused the lock', sleep, {
    file: 'ensure_run',
    replace: 'perform supaqueue_internal.wake(ensure_run.queue);\n      return;',
    by: 'return;',
  }],
  ['the lock of a run that falls asleep', sleep, {
    file: 'fall_asleep',
    replace: 'if not pg_try_advisory_xact_lock(1398100049, uuid_hash(fall_asleep.queue)) then',
    by: 'if false then',
  }],
  ['the last look of a run that falls asleep', sleep, {
    file: 'fall_asleep',
    replace: 'if exists (select from supaqueue.queue',
    by: 'if false and exists (select from supaqueue.queue',
  }],
  [
    'the clock being read after the lock (and the horizon that hides it)',
    sleep,
    noHorizon,
    { file: 'fall_asleep', replace: 'at timestamptz;', by: 'at timestamptz := clock_timestamp();' },
    { file: 'fall_asleep', replace: 'at := clock_timestamp();', by: '' },
  ],
  ['the wake-up of a look under an older snapshot', 'enqueue, repeatable read | a run falls asleep', {
    file: 'ensure_run',
    replace: `is_fresh constant boolean := current_setting('transaction_isolation') = 'read committed'`,
    by: 'is_fresh constant boolean := true',
  }],
  ['the look for a later heartbeat under an older snapshot', 'enqueue, repeatable read | a run falls asleep', {
    file: 'ensure_run',
    replace: 'is_fresh or heartbeat.xmax = 0 or heartbeat.xmax = heartbeat.xmin',
    by: 'true',
  }],
  ['the wake-up for a job that found no free worker', 'enqueue | end_current_job by hand frees the only worker', {
    file: 'ensure_run',
    replace: 'perform supaqueue_internal.wake(ensure_run.queue, greatest(calls, 1), awaited => true);',
    by: 'if calls > 0 then perform supaqueue_internal.wake(ensure_run.queue, calls, awaited => true); end if;',
  }],
  ['the signal of a freed worker', 'end_current_job by hand frees the only worker | a run falls asleep', {
    file: 'on_worker_freed',
    replace: 'perform supaqueue_internal.ensure_run(new.queue, once => true);',
    by: '',
  }],
  ['the signal of a new worker', 'a worker is added | a run falls asleep', {
    file: 'on_worker_freed',
    replace: 'perform supaqueue_internal.ensure_run(new.queue, once => true);',
    by: '',
  }],
  ['the signal of a job put back', 'a held job is put back | a run falls asleep', {
    file: 'on_job_ready',
    replace: 'perform supaqueue_internal.ensure_run(new.queue, once => true);',
    by: '',
  }],
  [
    'the look for jobs that were paired before the pause, when the queue is resumed',
    'the queue is resumed, nobody awake, beside a job',
    {
      file: 'ensure_run',
      replace: 'current_job.queue = ensure_run.queue and current_job.dispatcher is null',
      by: 'false',
    },
  ],
  [
    'the look for jobs that were paired before the pause, when a run falls asleep',
    'the queue is resumed | a run falls asleep beside a job',
    {
      file: 'fall_asleep',
      replace: 'current_job.queue = fall_asleep.queue and current_job.dispatcher is null',
      by: 'false',
    },
  ],
  ['the signal of a queue resumed', 'the queue is resumed | a run falls asleep', {
    file: 'on_queue_resumed',
    replace: 'perform supaqueue_internal.ensure_run(new.id, once => false);',
    by: '',
  }],
  ['the wake-up of a leader that hands over', 'enqueue | the leader reports and hands over: stop', {
    file: 'hand_over',
    replace: 'perform supaqueue_internal.wake((hand_over.queue).id, awaited => true);',
    by: '',
  }],
  ['the lock of a run that does not come back', 'a job is planned for later', {
    file: 'hand_over',
    replace: 'may_leave := pg_try_advisory_xact_lock(1398100049, uuid_hash((hand_over.queue).id));',
    by: '',
  }],
  ['the lock of a run that leaves', 'enqueue | the leader falls asleep | the run that is woken comes', {
    file: 'supaqueue_turn',
    replace: 'and supaqueue_internal.has_other_leader(target.id, me)',
    by: '',
  }],
]

describe('the rehearsal', () => {
  test.each(protections)('finds the lost wake-up without %s', async (_, title, ...mutations) => {
    expect(await faultOf(title, mutations)).toMatch(/^lost wake-up/)
  })

  test('finds a dependency that is not settled without the note of a target that somebody else holds', async () => {
    const silent = {
      file: 'settle_target',
      replace: `insert into supaqueue.unsettled (job)
    select job.id from supaqueue.job where job.id = settle_target.target;`,
      by: '',
    }

    expect(await faultOf('one source is reported', [silent])).toMatch(/^1 jobs wait for sources that have ended/)
  })

  test('finds a job that no run takes without what tells it from one paired before the pause', async () => {
    const blind = { file: 'take_over', replace: ' or current_job.despite_pause', by: '' }

    expect(await faultOf('run_now on a paused queue | a run falls asleep', [blind])).toMatch(/^lost wake-up/)
  })

  test(
    'finds nothing without the horizon alone: it spares a wait, and is no protection',
    async () => {
      expect(await faultOf(sleep, [noHorizon])).toBeUndefined()
    },
  )
})
