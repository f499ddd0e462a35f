import { expect, test } from 'vitest'
import { cameLate } from './kill_dispatcher.ts'

const visit = (attempt: number, cameAt: number, job = 7) => ({ queue: 'q', job, attempt, cameAt })
const buried = [{ job: 7, attempt: 1, at: 100 }]

test.each([
  ['the call of the dead that came behind the next attempt', visit(1, 200), [visit(2, 150), visit(1, 200)], true],
  ['the call of the dead that came while its lease lasted', visit(1, 50), [visit(1, 50), visit(2, 150)], false],
  ['the same attempt, made again since nobody knew of the call', visit(1, 200), [visit(1, 200), visit(2, 250)], false],
  ['the attempt behind it', visit(2, 150), [visit(2, 150), visit(1, 200)], false],
  ['an attempt of somebody who lives', visit(2, 300), [visit(3, 250), visit(2, 300)], false],
  ['the same attempt of another job', visit(1, 200, 8), [visit(2, 150, 8), visit(1, 200, 8)], false],
])('%s', (_, one, all, late) => {
  expect(cameLate(one, all, buried)).toBe(late)
})
