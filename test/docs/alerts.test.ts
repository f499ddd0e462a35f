import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { missing, promtool } from './prometheus.ts'
import { alertsFile, alertsText } from './queries.ts'

/** What is seen, a value a minute, and in which minute an alert is and is not yet raised. */
type Case = { alert: string; series: Record<string, string>; quiet: number; raised: number; of?: string }

const mail = '{queue="mail"}'

const cases: Case[] = [
  {
    alert: 'SupaqueueDoesNotSweep',
    series: { supaqueue_sweep_age_seconds: '5x3 65 125 185 245' },
    quiet: 5,
    raised: 6,
    of: '{}',
  },
  {
    alert: 'SupaqueueJobsWait',
    series: {
      [`supaqueue_oldest_due_age_seconds${mail}`]: '240+60x20',
      [`supaqueue_queue_paused${mail}`]: '0x20',
    },
    quiet: 6,
    raised: 7,
  },
  {
    alert: 'SupaqueueJobsFail',
    series: {
      [`supaqueue_jobs_failed_total${mail}`]: '0x10 20+20x20',
      [`supaqueue_jobs_succeeded_total${mail}`]: '0+80x30',
    },
    quiet: 12,
    raised: 22,
  },
  {
    alert: 'SupaqueueLosesLeases',
    series: { [`supaqueue_leases_lost_total${mail}`]: '0x5 8x20' },
    quiet: 5,
    raised: 7,
  },
  {
    alert: 'SupaqueueWakeUpsAreLost',
    series: {
      [`supaqueue_wake_ups_sent_total${mail}`]: '0+1x30',
      [`supaqueue_wake_ups_received_total${mail}`]: '0+1x5 5x30',
    },
    quiet: 12,
    raised: 20,
  },
  {
    alert: 'SupaqueueCircuitStaysOpen',
    series: { [`supaqueue_circuit_open${mail}`]: '0x2 1x30' },
    quiet: 16,
    raised: 18,
  },
  {
    alert: 'SupaqueueHasNoWorkers',
    series: { [`supaqueue_workers${mail}`]: '0x30', [`supaqueue_jobs_waiting${mail}`]: '0x2 3x30' },
    quiet: 7,
    raised: 9,
  },
  {
    alert: 'SupaqueueTurnsAreSlow',
    series: {
      'supaqueue_turn_duration_seconds_bucket{queue="mail",le="0.1"}': '0x40',
      'supaqueue_turn_duration_seconds_bucket{queue="mail",le="1"}': '0x5 50+50x40',
      'supaqueue_turn_duration_seconds_bucket{queue="mail",le="+Inf"}': '0x5 50+50x40',
    },
    quiet: 10,
    raised: 20,
  },
]

/** Has promtool play what was seen, and throws unless exactly the awaited alerts were raised. */
async function play(series: Record<string, string>, awaited: { minute: number; alerts: string[]; of?: string }[]) {
  const folder = await mkdtemp(join(tmpdir(), 'supaqueue-alerts-'))
  const seen = { supaqueue_sweep_age_seconds: '5x60', ...series }
  try {
    await writeFile(
      join(folder, 'tests.yml'),
      JSON.stringify({
        rule_files: [alertsFile],
        tests: [{
          interval: '1m',
          input_series: Object.entries(seen).map(([name, values]) => ({ series: name, values })),
          promql_expr_test: awaited.map(({ minute, alerts, of = mail }) => ({
            expr: 'count by (alertname, queue) (ALERTS{alertstate="firing"})',
            eval_time: `${minute}m`,
            exp_samples: alerts.map((alert) => ({
              labels: of === '{}' ? `{alertname="${alert}"}` : of.replace('{', `{alertname="${alert}",`),
              value: 1,
            })),
          })),
        }],
      }),
    )
    return await promtool(['test', 'rules', join(folder, 'tests.yml')])
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('every alert has a test', () => {
  const alerts = [...alertsText().matchAll(/- alert: (\w+)/g)].map(([, name]) => name)

  expect(cases.map(({ alert }) => alert)).toEqual(alerts)
})

describe('of docs/alerts.yml promtool', () => {
  test('is there wherever the project is built, or this is not CI', () => {
    if (missing.length > 0) {
      console.log(`the alerts were NOT played: ${missing.join(' and ')} not found (docs/metrics.md)`)
    }
    if (process.env.CI) expect(missing).toEqual([])
  })

  if (missing.length > 0) return

  test('finds no fault with the rules', async () => {
    expect(await promtool(['check', 'rules', alertsFile])).toMatch(/SUCCESS: \d+ rules found/)
  })

  test.for(cases)(
    'sees $alert raised when it should be, and not before',
    async ({ alert, series, quiet, raised, of }) => {
      await play(series, [{ minute: quiet, alerts: [] }, { minute: raised, alerts: [alert], of }])
    },
  )

  test('sees no queue that is paused told of for its waiting jobs', async () => {
    await play(
      { [`supaqueue_oldest_due_age_seconds${mail}`]: '240+60x30', [`supaqueue_queue_paused${mail}`]: '1x30' },
      [{ minute: 20, alerts: [] }],
    )
  })
})
