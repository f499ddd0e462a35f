import { describe, expect } from 'vitest'
import { test } from '../support/harness.ts'
import { alertsText, dashboardQueries, metricsIn } from './queries.ts'

describe('of the metrics that there are', () => {
  test.for(
    [
      ['panels of the dashboard', () => dashboardQueries().map(([, query]) => query).join('\n')],
      [
        'alerts',
        () =>
          alertsText().replace(/^ +(summary|description|#).*$|pnpm.*$/gm, '').replaceAll('its job supaqueue_sweep', ''),
      ],
    ] as const,
  )('there is all that the %s ask for', async ([, text], { harness }) => {
    await harness.sweep()
    const { rows: [row] } = await harness.db.query('select supaqueue.metrics() as text')
    const there = [...row.text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)

    expect(metricsIn(text()).filter((name) => !there.includes(name))).toEqual([])
  })

  test('the dashboard shows every one', async ({ harness }) => {
    const { rows: [row] } = await harness.db.query('select supaqueue.metrics() as text')
    const shown = metricsIn(dashboardQueries().map(([, query]) => query).join('\n'))

    const there = [...row.text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)
    expect(there.filter((name) => !shown.includes(name!))).toEqual([])
  })
})
