import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { coreFiles } from '../../../scripts/cli/database/files.ts'
import { itemsOf, root } from '../../support/markdown.ts'

/** The list of functions/core/README.md: each period with the files that have it. */
const documented = itemsOf(readFileSync(join(root, 'functions/core/README.md'), 'utf8'))
  .flatMap((item) => [...item.matchAll(/^`(\d[^`]*)`[^:]*? in ([^:]*):/g)])
  .flatMap(([, period, names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => `${name}: ${period}`))

/** Intervals, but units by which numbers are multiplied; and milliseconds that are added to a timeout. */
const PERIOD = /(?<!\* )interval '(\d+ \w+)'|\) \+ (\d{4,})\b/g

test('every period of the core is in one list', () => {
  const written = coreFiles().flatMap(({ name, sql }) =>
    [...sql.matchAll(PERIOD)].map(([, interval, ms]) => `${name}: ${interval ?? ms}`)
  )

  expect(written.length).toBeGreaterThan(10)
  expect([...new Set(documented)].sort()).toEqual([...new Set(written)].sort())
})

test('the dispatcher goes by the periods of the database', () => {
  const sql = (name: string) => coreFiles().find((file) => file.name === name)?.sql ?? ''
  const code = (path: string) => readFileSync(join(root, 'supabase/functions/supaqueue', path), 'utf8')
  const found = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]?.replaceAll('_', ''))
  const periods = {
    unclaimedLease: found(sql('claim'), /when claim\.run is null\s+then at \+ interval '(\d+) seconds'/) * 1000,
    beyondTimeout: found(sql('claim'), /timeout_ms\) \+ (\d+)\)/),
    heartbeat: found(sql('lead'), /awake_until = at \+ interval '(\d+) seconds'/) * 1000,
    sweep: found(sql('schedule_sweep'), /'(\d+) seconds', 'select supaqueue\.sweep/) * 1000,
    nextLook: found(sql('next_look'), /interval '(\d+) seconds'/) * 1000,
  }

  expect(found(code('run/decide.ts'), /CLAIM_LEASE_MS = ([\d_]+)/)).toBe(periods.unclaimedLease)
  expect(found(code('answer/explicit_outcome.ts'), /timeoutMs \+ ([\d_]+)/)).toBe(periods.beyondTimeout)
  // One turn of a leader may be lost.
  expect(found(code('run/decide.ts'), /MOST_WAIT_MS = ([\d_]+)/)).toBeLessThanOrEqual(periods.heartbeat / 2)
  expect(periods.sweep).toBeLessThan(periods.nextLook)
})
