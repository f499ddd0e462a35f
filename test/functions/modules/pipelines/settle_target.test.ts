import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type Harness, test } from '../../../support/harness.ts'
import { pipeline } from '../../../support/pipeline.ts'

/** Two sources that run in queues of their own, and a target of both. */
async function twoSources(harness: Harness, onFailure?: 'cancel' | 'run' | 'hold') {
  const { depend } = pipeline(harness)
  const queues = [await harness.queue({ workers: 1 }), await harness.queue({ workers: 1 })] as const
  const sources = [await harness.job(queues[0]), await harness.job(queues[1])] as const
  const last = await harness.queue({ workers: 1 })
  const target = await harness.job(last, { status: 'held' })
  await depend(target, [...sources], onFailure)
  const runs = [randomUUID(), randomUUID()] as const
  const tokens = [
    (await harness.take(runs[0], queues[0]))[0]!.current_job.id,
    (await harness.take(runs[1], queues[1]))[0]!.current_job.id,
  ] as const
  return { queues, sources, last, target, runs, tokens }
}

describe('two sources that end in two transactions at once', () => {
  test('let their target go by the second that commits, when neither holds it yet', async ({ harness, another }) => {
    const { queues, target, last, runs, tokens } = await twoSources(harness)
    const { state, notes } = pipeline(harness)
    const [first, second] = [await another(), await another()]
    await second.impatient()

    await first.begin()
    await first.report(runs[0], queues[0], [tokens[0]])
    await second.report(runs[1], queues[1], [tokens[1]])
    expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
    await first.commit()

    expect((await harness.jobRow(target)).status).toBe('in_progress')
    expect(await notes(target)).toBe(0)
    expect(await harness.wakeUps(last)).toBe(1)
  })

  test('let it go once, soon after, when the first is just committing and the second meets it held', async ({ harness, another }) => {
    const { queues, target, last, runs, tokens } = await twoSources(harness)
    const { state, notes } = pipeline(harness)
    const [first, second] = [await another(), await another()]
    await second.impatient()

    await first.begin()
    await first.report(runs[0], queues[0], [tokens[0]])
    // What a commit does before it is through.
    await first.db.query('set constraints all immediate')
    await second.report(runs[1], queues[1], [tokens[1]])
    await first.commit()
    expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })

    // The leader of any queue, within a second.
    await harness.turn(randomUUID(), await harness.queue())

    expect((await harness.jobRow(target)).status).toBe('in_progress')
    expect(await notes(target)).toBe(0)
    expect(await harness.wakeUps(last)).toBe(1)
  })

  test('both roll back, and nothing has happened', async ({ harness, another }) => {
    const { queues, target, runs, tokens } = await twoSources(harness)
    const { edges, state } = pipeline(harness)
    const first = await another()

    await first.begin()
    await first.report(runs[0], queues[0], [tokens[0]])
    await first.db.query('set constraints all immediate')
    await first.rollback()

    expect(await state(target)).toEqual({ status: 'held', waits_for: 2 })
    expect((await edges(target)).map((edge) => edge.ended_as)).toEqual([null, null])
  })
})

describe('while a user holds the target', () => {
  test('the turn that ends its last source does not wait; it goes once the user has let go', async ({ harness, another }) => {
    const { queues, target, runs, tokens } = await twoSources(harness)
    const { lookAgain, notes } = pipeline(harness)
    const [user, turns] = [await another(), await another()]
    await turns.impatient()
    await harness.report(runs[0], queues[0], [tokens[0]])

    await user.begin()
    await user.update('job', target, { priority: 7 })
    const { stale, again } = await turns.report(runs[1], queues[1], [tokens[1]])
    expect({ stale, again }).toEqual({ stale: [], again: [] })
    await lookAgain()
    expect(await notes(target)).toBe(1)
    await user.commit()
    await lookAgain()

    expect(await harness.jobRow(target)).toMatchObject({ status: 'in_progress', waits_for: 0, priority: 7 })
  })

  test('and deletes it, nothing of it is left', async ({ harness, another }) => {
    const { queues, target, runs, tokens } = await twoSources(harness)
    const { edges, lookAgain, notes } = pipeline(harness)
    const [user, turns] = [await another(), await another()]
    await turns.impatient()

    await user.begin()
    await user.delete('job', target)
    await turns.report(runs[0], queues[0], [tokens[0]])
    await user.commit()
    await lookAgain()

    expect(await edges(target)).toEqual([])
    expect(await notes(target)).toBe(0)
  })

  test('and thinks better of deleting it, the end of the source is not lost', async ({ harness, another }) => {
    const { queues, target, runs, tokens } = await twoSources(harness)
    const { edges, lookAgain, state } = pipeline(harness)
    const [user, turns] = [await another(), await another()]
    await turns.impatient()

    await user.begin()
    await user.delete('job', target)
    await turns.report(runs[0], queues[0], [tokens[0]])
    await user.rollback()
    expect(await edges(target)).toMatchObject([{ ended_as: null }, { ended_as: null }])
    await lookAgain()

    expect(await edges(target)).toMatchObject([{ ended_as: 'success' }, { ended_as: null }])
    expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
  })
})

test('a source that a user cancels holds its target for nobody until that commits', async ({ harness, another }) => {
  const { queues, sources, target, runs, tokens } = await twoSources(harness, 'run')
  const { state } = pipeline(harness)
  const [user, turns] = [await another(), await another()]
  await turns.impatient()

  await user.begin()
  await user.update('job', sources[0], { status: 'cancelled' })
  await turns.report(runs[1], queues[1], [tokens[1]])
  await turns.update('job', target, { priority: 3 })
  expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
  await user.commit()

  expect((await state(target)).waits_for).toBe(0)
  expect((await state(target)).status).not.toBe('held')
})

test('a source that ends under an older snapshot is not lost', async ({ harness, another }) => {
  const { queues, sources, target, runs, tokens } = await twoSources(harness, 'run')
  const { lookAgain, state } = pipeline(harness)
  const user = await another()

  await user.begin('repeatable read')
  await user.jobRow(target)
  await harness.report(runs[0], queues[0], [tokens[0]])
  await user.update('job', sources[1], { status: 'cancelled' })
  await user.commit()
  await lookAgain()

  expect((await state(target)).waits_for).toBe(0)
  expect((await state(target)).status).not.toBe('held')
})

describe('when a source fails', () => {
  test('the target is cancelled at once, and whoever depends on that, and says why', async ({ harness }) => {
    const { queues, sources, target, last, runs, tokens } = await twoSources(harness)
    const { depend, edges } = pipeline(harness)
    const further = await harness.job(last, { status: 'held' })
    await depend(further, [target])

    await harness.report(runs[0], queues[0], [tokens[0]], 'killed')

    expect(await harness.jobRow(target)).toMatchObject({
      status: 'cancelled',
      waits_for: 0,
      finished_at: expect.any(Date),
      error: `job ${sources[0]}, which it depends on, failed`,
    })
    expect(await harness.jobRow(further)).toMatchObject({
      status: 'cancelled',
      error: `job ${target}, which it depends on, was cancelled`,
    })
    expect(await edges(further)).toMatchObject([{ ended_as: 'cancelled' }])
  })

  test('over a chain of a thousand jobs the last one is cancelled in the same commit', async ({ harness }) => {
    const { insert, work, state } = pipeline(harness)
    const queue = await harness.queue({ workers: 1 })
    const first = await harness.job(queue)
    const { rows } = await harness.db.query(
      `insert into supaqueue.job (queue, status) select $1, 'held' from generate_series(1, 1000) returning id`,
      [queue],
    )
    const chain = [first, ...rows.map((row) => row.id as number)]
    await insert(...chain.slice(1).map((target, i) => [chain[i]!, target] as [number, number]))

    await work(queue, 'killed')

    expect((await state(chain.at(-1)!)).status).toBe('cancelled')
  })

  test('the target runs all the same when it is to', async ({ harness }) => {
    const { queues, target, last, runs, tokens } = await twoSources(harness, 'run')
    const { work } = pipeline(harness)

    await harness.report(runs[0], queues[0], [tokens[0]], 'killed')
    expect(await work(last)).toEqual([])
    await harness.report(runs[1], queues[1], [tokens[1]])

    expect(await work(last)).toEqual([target])
  })

  test('the target is held for the user when it is to, after the others have ended', async ({ harness }) => {
    const { queues, sources, target, runs, tokens } = await twoSources(harness, 'hold')
    const { state } = pipeline(harness)

    await harness.report(runs[0], queues[0], [tokens[0]], 'killed')
    expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
    await harness.report(runs[1], queues[1], [tokens[1]])

    expect(await harness.jobRow(target)).toMatchObject({
      status: 'held',
      waits_for: 0,
      error: `job ${sources[0]}, which it depends on, failed`,
    })
    await harness.update('job', target, { status: 'pending' })
    expect((await state(target)).status).not.toBe('held')
  })

  test('and is tried again, it has not failed yet', async ({ harness }) => {
    const { queues, target, runs, tokens } = await twoSources(harness)
    const { state, edges } = pipeline(harness)

    await harness.report(runs[0], queues[0], [tokens[0]], 'failed')

    expect(await state(target)).toEqual({ status: 'held', waits_for: 2 })
    expect((await edges(target)).map((edge) => edge.ended_as)).toEqual([null, null])
  })
})

test('a source that is deleted, or dropped by its function, is waited for no longer', async ({ harness }) => {
  const { queues, sources, target, last, runs, tokens } = await twoSources(harness)
  const { state } = pipeline(harness)

  await harness.report(runs[0], queues[0], [tokens[0]], 'dropped')
  expect(await state(target)).toEqual({ status: 'held', waits_for: 1 })
  await harness.delete('job', sources[1])

  expect(await harness.inProgress(last)).toEqual([target])
})

test('a dependency that is deleted is waited for no longer', async ({ harness }) => {
  const { sources, target, last } = await twoSources(harness)

  await harness.db.query('delete from supaqueue.job_dependency where target = $1 and source = $2', [target, sources[0]])
  expect((await harness.jobRow(target)).waits_for).toBe(1)
  await harness.db.query('delete from supaqueue.job_dependency where target = $1 and source = $2', [target, sources[1]])

  expect(await harness.inProgress(last)).toEqual([target])
})

test('many sources of one target that end in one turn write it once', async ({ harness, another }) => {
  const { depend, state } = pipeline(harness)
  const queue = await harness.queue({ workers: 25 })
  const target = await harness.job(queue, { status: 'held' })
  await depend(target, await harness.jobs(queue, 25))
  const run = randomUUID()
  const tokens = (await harness.take(run, queue)).map((entry) => entry.current_job.id)
  const admin = await another('admin')
  await admin.db.query(`
    create table public.written (job bigint);
    create function public.write() returns trigger language plpgsql security definer as
      'begin insert into public.written values (new.id); return null; end';
    create trigger written after update of waits_for on supaqueue.job for each row execute function public.write()`)

  await harness.report(run, queue, tokens)

  expect(await state(target)).toEqual({ status: 'pending', waits_for: 0 })
  const { rows: [{ times }] } = await admin.db.query(
    'select count(*) as times from public.written where job = $1',
    [target],
  )
  expect(times).toBe(1)
  await admin.db.query('drop trigger written on supaqueue.job')
})
