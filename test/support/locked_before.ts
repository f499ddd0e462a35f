import type { Harness } from './harness.ts'
import { until } from './until.ts'

/**
 * Three jobs of a queue, of which somebody holds the second while `work` locks them all: whether it has the first
 * by then, and the third. In the table they lie the other way round.
 */
export async function lockedBefore(
  harness: Harness,
  another: () => Promise<Harness>,
  work: (owner: Harness, queue: string) => Promise<unknown>,
): Promise<[boolean, boolean]> {
  const queue = await harness.queue()
  const jobs = await harness.jobs(queue, 3) as [number, number, number]
  for (const job of [jobs[1], jobs[0]]) await harness.update('job', job, { priority: -1 })
  const [user, owner] = [await another(), await another()]
  await user.begin()
  await user.hold('job', jobs[1])

  const worked = work(owner, queue)
  await until(() => harness.isBlocked(owner))
  await harness.impatient()
  const isHeld = async (job: number) =>
    await harness.hold('job', job).then(() => false, (reason) => reason.code === '57014')
  const held: [boolean, boolean] = [await isHeld(jobs[0]), await isHeld(jobs[2])]
  await user.rollback()
  await worked
  return held
}
