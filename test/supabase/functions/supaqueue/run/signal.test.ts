import { expect, test } from 'vitest'
import { makeBell } from '../../../../../supabase/functions/supaqueue/run/signal.ts'
import { makeClock } from '../support/clock.ts'

const listen = (ms?: number) => {
  const clock = makeClock()
  const bell = makeBell(clock.after)
  const heard: string[] = []
  const wait = (name: string) => void bell.wait(ms).then(() => heard.push(name))
  return { clock, bell, heard, wait }
}

test('waiting ends when the bell rings, and leaves no timer behind', async () => {
  const { clock, bell, heard, wait } = listen(1000)
  wait('it')
  await clock.settle()
  expect(heard).toEqual([])

  bell.ring()
  await clock.settle()

  expect(heard).toEqual(['it'])
  expect(clock.timers()).toBe(0)
})

test('waiting ends after the time', async () => {
  const { clock, heard, wait } = listen(1000)
  wait('it')
  await clock.advance(999)
  expect(heard).toEqual([])

  await clock.advance(1)

  expect(heard).toEqual(['it'])
})

test('a bell that rang before ends one waiting, and no second one', async () => {
  const { clock, bell, heard, wait } = listen()
  bell.ring()
  bell.ring()

  wait('first')
  await clock.settle()
  wait('second')
  await clock.settle()

  expect(heard).toEqual(['first'])
})

test('a bell that was hushed rang for nobody', async () => {
  const { clock, bell, heard, wait } = listen()
  bell.ring()
  bell.hush()

  wait('it')
  await clock.settle()

  expect(heard).toEqual([])
})
