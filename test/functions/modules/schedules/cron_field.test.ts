import { describe, expect } from 'vitest'
import { test } from '../../../support/harness.ts'

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

describe('a field of a cron expression', () => {
  test.for(
    [
      ['*', 0, 4, [], [0, 1, 2, 3, 4]],
      ['3', 0, 59, [], [3]],
      ['07', 0, 59, [], [7]],
      ['2-4', 0, 59, [], [2, 3, 4]],
      ['*/20', 0, 59, [], [0, 20, 40]],
      ['10-20/5', 0, 59, [], [10, 15, 20]],
      ['50/5', 0, 59, [], [50, 55]],
      ['5,1,3-4,4', 0, 59, [], [1, 3, 4, 5]],
      ['tue', 0, 7, WEEKDAYS, [2]],
      ['Mon-FRI', 0, 7, WEEKDAYS, [1, 2, 3, 4, 5]],
      ['7', 0, 7, WEEKDAYS, [0]],
      ['5-7', 0, 7, WEEKDAYS, [0, 5, 6]],
      ['fri-sun', 0, 7, WEEKDAYS, [0, 5, 6]],
      ['*', 0, 7, WEEKDAYS, [0, 1, 2, 3, 4, 5, 6]],
      ['1/3', 0, 7, WEEKDAYS, [1, 4]],
      ['feb', 1, 12, ['jan', 'feb'], [2]],
    ] as const,
  )(
    'means, from %s within %i to %i and names %j, the numbers %j',
    async ([field, low, high, names, means], { harness }) => {
      const { rows } = await harness.db.query('select supaqueue_internal.cron_field($1, $2, $3, $4) as numbers', [
        field,
        low,
        high,
        names,
      ])

      expect(rows[0].numbers).toEqual(means)
    },
  )

  test.for([
    '',
    ',',
    '1,',
    '60',
    '-1',
    '4-2',
    '1,4-2',
    '*/0',
    '5-',
    '*-5',
    '1-60',
    'a',
    'mon',
    '1.5',
    '1 2',
    '?',
    'L',
    '5#2',
    '100',
  ])(
    'is not valid: "%s"',
    async (field, { harness }) => {
      const { rows } = await harness.db.query('select supaqueue_internal.cron_field($1, 0, 59) as numbers', [field])

      expect(rows[0].numbers).toBeNull()
    },
  )
})
