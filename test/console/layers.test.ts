import { expect, test } from 'vitest'
import { layersOf } from '../../console/layers.ts'

const edge = (source: number, target: number) => ({ source, target })

test('a job stands to the right of all that it waits for, by the longest way', () => {
  const places = layersOf([1, 2, 3, 4], [edge(1, 4), edge(1, 2), edge(2, 3), edge(3, 4)])

  expect([1, 2, 3, 4].map((job) => places.get(job)!.column)).toEqual([0, 1, 2, 3])
})

test('jobs of the same column stand in rows of their own', () => {
  const places = layersOf([1, 2, 3], [edge(1, 2), edge(1, 3)])

  expect([places.get(2), places.get(3)]).toEqual([{ column: 1, row: 0 }, { column: 1, row: 1 }])
})

test('it ends even if dependencies led in a circle', () => {
  expect(layersOf([1, 2], [edge(1, 2), edge(2, 1)]).size).toBe(2)
})
