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
