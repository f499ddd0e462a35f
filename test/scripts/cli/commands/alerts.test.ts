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

test('alerts says how to set one, then shows the rules, what fires, and what was told last', async ({ database, house }) => {
  expect(await run(database, 'alerts')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^No alert is set\.[^]*set_alert/),
  })

  await house.queue({ name: 'oncall', mode: 'pull' })
  await house.job(await house.queue({ name: 'films' }), { due: '-1 hour' })
  await house.db.query(
    `select supaqueue.set_alert('late', 'backlog_older_than', 600, notify => 'oncall', queue => 'films', raise_after => '0')`,
  )
  await house.db.query('select supaqueue_internal.watch_alerts()')

  const { out } = await run(database, 'alerts')
  expect(out).toMatch(/^late +firing +backlog_older_than 600 +films +oncall/m)
  expect(out).toMatch(/^firing since /m)
  expect(out).toMatch(/^Told last, .* by job \d+: late: /m)
  expect(JSON.parse((await run(database, 'alerts', '--json')).out)).toMatchObject([{ name: 'late', state: 'firing' }])
})
