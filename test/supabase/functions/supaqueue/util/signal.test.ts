import { expect, test } from 'vitest'
import { makeSignal } from '../../../../../supabase/functions/supaqueue/util/signal.ts'
import { makeClock } from '../support/clock.ts'

const listen = (ms?: number) => {
  const clock = makeClock()
  const signal = makeSignal(clock.after)
  const heard: string[] = []
  const wait = (name: string) => void signal.wait(ms).then(() => heard.push(name))
  return { clock, signal, heard, wait }
}

test('waiting ends when the signal is notified, and leaves no timer behind', async () => {
  const { clock, signal, heard, wait } = listen(1000)
  wait('it')
  await clock.settle()
  expect(heard).toEqual([])

  signal.notify()
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

test('a signal that was notified before ends one waiting, and no second one', async () => {
  const { clock, signal, heard, wait } = listen()
  signal.notify()
  signal.notify()

  wait('first')
  await clock.settle()
  wait('second')
  await clock.settle()

  expect(heard).toEqual(['first'])
})

test('a signal forgets that it was notified', async () => {
  const { clock, signal, heard, wait } = listen()
  signal.notify()
  signal.forget()

  wait('it')
  await clock.settle()

  expect(heard).toEqual([])
})
