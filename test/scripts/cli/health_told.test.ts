import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { allChecks } from '../../../scripts/cli/checks/all.ts'
import type { Project } from '../../../scripts/cli/project/project.ts'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
const room = 'functions/modules/health'

/** The codes that docs/reference/health.md lists. */
const listed = [...read('docs/reference/health.md').matchAll(/^- (`[a-z_]+`(?:,\s+`[a-z_]+`)*): .*$/gm)]
  .flatMap(([, names]) => [...names!.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name!))
  .filter((name) =>
    !['ok', 'findings', 'wake_ups', 'runs', 'processes', 'secret', 'sweep', 'chores', 'net'].includes(name)
  )

/** What the checks of doctor ask the database themselves, by its name there. */
const ASKED_BY: Record<string, string> = {
  isolation: 'isolation',
  read_only: 'read-only',
  vault_missing: 'extensions',
  net_missing: 'extensions',
  secret_missing: 'vault',
  secret_unreadable: 'vault',
  functions_url_missing: 'functions url',
  net_fault: 'pg_net rights',
  net_stopped: 'pg_net',
  net_busy: 'pg_net',
  sweep_missing: 'sweep',
  sweep_switched_off: 'sweep',
  sweep_failed: 'sweep',
  sweep_silent: 'sweep',
  chore_failed: 'chores',
  set_aside: 'chores',
}

test('the reference lists every finding that there is', () => {
  const made = readdirSync(fileURLToPath(new URL(`../../../${room}`, import.meta.url)))
    .filter((name) => name.endsWith('.sql'))
    .flatMap((name) => [...read(`${room}/${name}`).matchAll(/\.finding\(\s*'([a-z_]+)'/g)].map(([, code]) => code!))

  expect(made.length).toBeGreaterThan(30)
  expect(made.filter((code) => !listed.includes(code))).toEqual([])
})

test.for(listed)('doctor tells of %s', async (code) => {
  const checks = allChecks(0)
  const asked = ASKED_BY[code]
  if (asked !== undefined) return expect(checks.map(({ name }) => name)).toContain(asked)

  const text = `what ${code} says`
  const finding = { code, severity: 'error' as const, text, remedy: 'what helps', since: null, queue: null }
  const told = []
  for (const { inspect } of checks) {
    const found = await inspect({} as Project, () => Promise.resolve({ findings: [finding], processes: [] }))
      // It asks something else, which is not there.
      .catch(() => undefined)
    if (found?.detail.includes(text)) told.push(found)
  }

  // What is as somebody wants it is said, and no fault.
  expect(told).toMatchObject([code === 'paused' ? { ok: true } : { ok: false, fix: 'what helps' }])
})
