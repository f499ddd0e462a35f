import { expect, test } from 'vitest'
import { makeVisits, type Visit } from '../../../scripts/soak/visits.ts'

const visit = (job: number, queue = 'mail'): Visit => ({ queue, job, attempt: 1, cameAt: 0 })

function twoWorkers() {
  const visits = makeVisits()
  visits.addWorkers('mail', 2)
  return visits
}

test('as many visits as workers are no crowd, nor is one after another', () => {
  const visits = twoWorkers()
  const [first, second, third] = [visit(1), visit(2), visit(3)]

  visits.enter(first)
  visits.enter(second)
  visits.leave(first, 1, 200)
  visits.enter(third)

  expect(visits.crowds()).toEqual([])
  expect(visits.most('mail')).toBe(2)
})

test('one visit more than there are workers is a crowd, with all who were in', () => {
  const visits = twoWorkers()
  const all = [visit(1), visit(2), visit(3)]

  all.forEach(visits.enter)

  expect(visits.crowds()).toEqual([{ queue: 'mail', workers: 2, inside: all }])
})

test('jobs of one call take one worker', () => {
  const visits = twoWorkers()
  const call = (id: number, ...jobs: number[]) => jobs.map((job) => ({ ...visit(job), call: id }))

  for (const each of [...call(1, 1, 2, 3), ...call(2, 4, 5)]) visits.enter(each)
  expect([visits.crowds(), visits.most('mail')]).toEqual([[], 2])
  for (const each of call(3, 6)) visits.enter(each)

  expect(visits.crowds()).toHaveLength(1)
})

test('queues are counted apart', () => {
  const visits = twoWorkers()
  visits.addWorkers('calls', 1)

  for (const each of [visit(1), visit(2), visit(3, 'calls')]) visits.enter(each)

  expect(visits.crowds()).toEqual([])
  expect(visits.inside()).toBe(3)
})

test('a queue without workers is crowded by its first visit', () => {
  const visits = makeVisits()

  visits.enter(visit(1))

  expect(visits.crowds()).toHaveLength(1)
})

test('a job whose worker was deleted takes no worker of the others', () => {
  const visits = twoWorkers()
  visits.enter(visit(1))
  visits.enter(visit(2))

  visits.addWorkers('mail', -1)
  visits.excuse(1)
  visits.enter(visit(3))

  expect(visits.crowds().map(({ inside }) => inside.map(({ job }) => job))).toEqual([[2, 3]])
})

test('what a killed process had is no longer in, and has no answer', () => {
  const visits = twoWorkers()
  const lost = visit(1)
  visits.enter(lost)

  visits.cutOff(lost)

  expect(visits.inside()).toBe(0)
  expect(visits.of(1)).toEqual([{ queue: 'mail', job: 1, attempt: 1, cameAt: 0 }])
})
