import { describe, expect, test } from 'vitest'
import { makeAgenda } from '../../../../../scripts/dev/standins/cron/agenda.ts'
import type { Job } from '../../../../../scripts/dev/standins/cron/run.ts'

const job: Job = { jobid: '1', jobname: 'j', schedule: '1 second', command: 'select 1', username: 'postgres' }

/** An agenda whose runs end when the test says so. */
function agendaOfOne() {
  const endings: (() => void)[] = []
  const agenda = makeAgenda(() => ({
    ended: new Promise((resolve) => endings.push(resolve)),
    abandon: () => Promise.resolve(),
  }))
  agenda.update([job], 0)

  return {
    agenda,
    begun: () => endings.length,
    async endLatest() {
      endings.at(-1)?.()
      // What follows the end of a run happens before the next turn of the event loop.
      await new Promise(setImmediate)
    },
  }
}

describe('the agenda of cron', () => {
  test('begins nothing before it is due', () => {
    const { agenda, begun } = agendaOfOne()

    agenda.startDue(999)
    expect(begun()).toBe(0)

    agenda.startDue(1000)
    expect(begun()).toBe(1)
  })

  test('lets a job that still runs wait, once, however often it came due', async () => {
    const { agenda, begun, endLatest } = agendaOfOne()

    for (const now of [1000, 2000, 3000, 4000]) agenda.startDue(now)
    expect(begun()).toBe(1)

    await endLatest()
    expect(begun()).toBe(2)
    await endLatest()
    expect(begun()).toBe(2)
  })

  test('runs a job that is asked for after the run under way', async () => {
    const { agenda, begun, endLatest } = agendaOfOne()
    agenda.startDue(1000)
    const asked = agenda.runOnce(job)
    const askedToo = agenda.runOnce(job)

    expect(begun()).toBe(1)
    await endLatest()
    expect(begun()).toBe(2)
    await endLatest()
    expect(begun()).toBe(3)
    await endLatest()

    await Promise.all([asked, askedToo])
  })

  test('follows a schedule that changes, even while the job runs', async () => {
    const { agenda, begun, endLatest } = agendaOfOne()
    agenda.startDue(1000)
    agenda.update([{ ...job, schedule: '10 seconds' }], 1000)
    await endLatest()

    agenda.startDue(10_999)
    expect(begun()).toBe(1)
    agenda.startDue(11_000)
    expect(begun()).toBe(2)
  })

  test('forgets a job that is no longer scheduled', () => {
    const { agenda, begun } = agendaOfOne()
    agenda.update([], 500)

    agenda.startDue(5000)

    expect(begun()).toBe(0)
  })
})
