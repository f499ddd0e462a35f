import { expect } from 'vitest'
import { main } from '../../../../scripts/cli/main.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { silentDeps } from '../../../support/management_api/terminal.ts'
import { test } from '../../../support/own.ts'

async function run(database: TestDatabase, ...args: string[]) {
  const out: string[] = []
  const code = await main(args, {
    ...silentDeps({ env: { SUPAQUEUE_DB_URL: database.ownerUrl }, cwd: '/' }),
    say: (line) => void out.push(line),
  })
  return { code, out: out.join('\n') }
}

test('alerts says how to set one, then shows the rules, what fires, and what was told last', async ({ database, harness }) => {
  expect(await run(database, 'alerts')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^No alert is set\.[^]*set-alert late/),
  })

  await harness.queue({ name: 'oncall', mode: 'pull' })
  await harness.job(await harness.queue({ name: 'films' }), { due: '-1 hour' })
  await harness.db.query(
    `select supaqueue.set_alert('late', 'backlog_older_than', 600, notify => 'oncall', queue => 'films', raise_after => '0')`,
  )
  await harness.db.query('select supaqueue_internal.watch_alerts()')

  const { out } = await run(database, 'alerts')
  expect(out).toMatch(/^late +firing +backlog_older_than 600 +films +oncall/m)
  expect(out).toMatch(/^firing since /m)
  expect(out).toMatch(/^Told last, .* by job \d+: late: /m)
  expect(JSON.parse((await run(database, 'alerts', '--json')).out)).toMatchObject([{ name: 'late', state: 'firing' }])
})

test('a rule is made, replaced, switched off and on, and deleted', async ({ database, harness }) => {
  await harness.queue({ name: 'oncall', mode: 'pull' })
  const set = ['set-alert', 'many', 'failed_more_than', '10', 'oncall']
  const rule = async () =>
    (await harness.db.query(
      `select kind, threshold, clear_below, raise_after::text, clear_after::text, enabled from supaqueue.alert_rule where name = 'many'`,
    )).rows[0]

  expect(await run(database, ...set)).toMatchObject({
    code: 0,
    out: 'oncall is told when many fires: failed_more_than 10, of each queue.',
  })
  const usual = { kind: 'failed_more_than', threshold: 10, clear_below: null, enabled: true }
  expect(await rule()).toEqual({ ...usual, raise_after: '00:01:00', clear_after: '00:05:00' })

  await run(database, ...set, '--clear-below', '2', '--raise-after', '10 minutes', '--clear-after', '0')
  expect(await rule()).toEqual({ ...usual, clear_below: 2, raise_after: '00:10:00', clear_after: '00:00:00' })

  expect(await run(database, 'disable-alert', 'many')).toMatchObject({ code: 0, out: 'many is off, and tells nobody.' })
  expect(await rule()).toMatchObject({ enabled: false })
  expect(JSON.parse((await run(database, 'enable-alert', 'many', '--json')).out)).toEqual({
    alert: 'many',
    enabled: true,
  })
  expect(await rule()).toMatchObject({ enabled: true })

  expect(await run(database, 'delete-alert', 'many')).toMatchObject({ code: 0, out: 'many is deleted.' })
  expect(await rule()).toBeUndefined()
})

test.for(
  [
    ['a kind that there is not', 2, ['set-alert', 'a', 'weather', '10', 'oncall']],
    ['no number', 2, ['set-alert', 'a', 'failed_more_than', 'many', 'oncall']],
    ['a blank', 2, ['set-alert', 'a', 'failed_more_than', ' ', 'oncall']],
    ['no end', 2, ['set-alert', 'a', 'failed_more_than', 'Infinity', 'oncall']],
    ['below 0', 2, ['set-alert', 'a', 'failed_more_than', '-1', 'oncall']],
    ['nobody to tell', 2, ['set-alert', 'a', 'failed_more_than', '1']],
    ['over only above the threshold', 2, [
      'set-alert',
      'a',
      'failed_more_than',
      '1',
      '--notify',
      'told',
      '--clear-below',
      '2',
    ]],
    ['a queue that there is not', 5, ['set-alert', 'a', 'failed_more_than', '1', 'nobody']],
    ['a rule that there is not', 5, ['delete-alert', 'nothing']],
  ] as const,
)('refused, with nothing changed: %s', async ([, code, args], { database, harness }) => {
  await harness.queue({ name: 'told', mode: 'pull' })

  expect((await run(database, ...args)).code).toBe(code)

  expect((await harness.db.query(`select from supaqueue.alert_rule where name = 'a'`)).rows).toEqual([])
})
