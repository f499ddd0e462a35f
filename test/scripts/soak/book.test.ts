import { expect, test } from 'vitest'
import { makeBook } from '../../../scripts/soak/book.ts'

const job = (id: number) => ({ id, queue: 'mail', order: { ms: 0 }, askedAt: 0 })

test('what is committed is in the book, what is undone only counted', () => {
  const book = makeBook()

  book.committed([job(1), job(2)])
  book.undone([job(3)])

  expect([...book.jobs().keys()]).toEqual([1, 2])
  expect(book.counts()).toEqual({ committed: 2, undone: 1, unsure: 0 })
})

test('what nobody knows about is neither, until somebody looks', () => {
  const book = makeBook()
  book.unsure([job(1), job(2)])
  expect(book.counts()).toEqual({ committed: 0, undone: 0, unsure: 2 })

  book.settle(({ id }) => id === 2)

  expect([...book.jobs().keys()]).toEqual([2])
  expect(book.counts()).toEqual({ committed: 1, undone: 1, unsure: 2 })
  expect(book.doubtful()).toEqual([])
})

test('an id that a crash took back, and that somebody else was given, is theirs', () => {
  const book = makeBook()
  book.unsure([{ ...job(1), queue: 'lost' }])
  book.committed([job(1)])

  book.settle(() => true)

  expect(book.jobs().get(1)!.queue).toBe('mail')
  expect(book.counts()).toEqual({ committed: 1, undone: 1, unsure: 1 })
})

test('only the jobs committed last are there to be picked', () => {
  const book = makeBook()
  expect(book.lately(([first]) => first!)).toBeUndefined()

  for (let id = 1; id <= 500; id++) book.committed([job(id)])

  expect(book.lately((choices) => choices[0]!)).toBe(301)
  expect(book.lately((choices) => choices.at(-1)!)).toBe(500)
})
