import type { House } from './house.ts'
import { until } from './until.ts'

/**
 * Three jobs of a queue, of which somebody holds the second while `work` locks them all: whether it has the first
 * by then, and the third. In the table they lie the other way round.
 */
export async function lockedBefore(
  house: House,
  another: () => Promise<House>,
  work: (owner: House, queue: string) => Promise<unknown>,
): Promise<[boolean, boolean]> {
  const queue = await house.queue()
  const jobs = await house.jobs(queue, 3) as [number, number, number]
  for (const job of [jobs[1], jobs[0]]) await house.update('job', job, { priority: -1 })
  const [user, owner] = [await another(), await another()]
  await user.begin()
  await user.hold('job', jobs[1])

  const worked = work(owner, queue)
  await until(() => house.isBlocked(owner))
  await house.impatient()
  const isHeld = async (job: number) =>
    await house.hold('job', job).then(() => false, (reason) => reason.code === '57014')
  const held: [boolean, boolean] = [await isHeld(jobs[0]), await isHeld(jobs[2])]
  await user.rollback()
  await worked
  return held
}
