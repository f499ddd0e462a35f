import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { itemsOf, readPage, root } from '../support/markdown.ts'

// What the pages of proofs and measurements say is what the files say that they are written from.

type Table = { title: string; rows: string[][] }
type Target = { claim: string; reached: string; held: boolean }
type Results = { scenarios: { name: string; tables: Table[]; targets?: Target[] }[] }

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const plain = (text: string) => text.replace(/\s+/g, ' ')

/** Whether a number as it is said is the exact one, rounded to as many digits as it has. */
function isRounded(said: string, exact: number): boolean {
  const decimals = /\.(\d+)/.exec(said)?.[1]?.length ?? 0
  // With a little room: what is exact here was rounded itself, to three digits.
  return Math.abs(Number(said) - exact) <= 0.5 * 10 ** -decimals + Math.abs(exact) * 0.006
}

const cellsOf = (row: string) => row.split('|').slice(1, -1).map((cell) => cell.trim())

const first = (text: string) => Number(/[\d,.]+/.exec(text)![0].replaceAll(',', ''))

describe('measured', () => {
  const page = readPage('docs/how-it-works/measured.md')
  const runs = [...page.matchAll(/^\d\. `(T\d{4})`/gm)].map(([, name]) => name!)
  const results = runs.map((name) => JSON.parse(read(`bench/results/2026-11-22${name}.json`)) as Results)

  const cell = (run: Results, title: RegExp, row: string, column: number): number => {
    const table = run.scenarios.flatMap(({ tables }) => tables).find((one) => title.test(one.title))!
    return first(table.rows.find(([name]) => name === row)![column]!)
  }
  const ratio = (what: string, who: string) => (run: Results) => cell(run, new RegExp(`^Throughput: ${what}`), who, 2)
  const noop = (workers: number, who: string) => ratio(`no-op function, 100 B, ${workers} at once`, who)
  const slow = (workers: number) => ratio(`20 ms function, 100 B, ${workers} at once`, 'bare fetch, no queue')
  const enqueue = (rows: string, state: string) => (run: Results) =>
    cell(run, new RegExp(`^Enqueue: one INSERT of ${rows}`), state, 2)
  const latency = (column: number) =>
    ['asleep', '5/s', '20/s', '100/s'].map((row) => (run: Results) => cell(run, /^Latency from/, row, column))
  const others = ['graphile-worker', 'graphile-worker, batched', 'pg-boss']

  const reached: [label: string, of: ((run: Results) => number)[]][] = [
    ['10: graphile-worker, batched, pg-boss', others.map((who) => noop(10, who))],
    ['50: graphile-worker, batched, pg-boss', others.map((who) => noop(50, who))],
    ['10 and 50 at once: bare calls', [10, 50].map((workers) => noop(workers, 'bare fetch, no queue'))],
    ['the same, functions of 20 ms', [10, 50].map(slow)],
    [
      '10 and 50 at once: a pg_net request per job',
      [10, 50].map((workers) => noop(workers, 'a pg_net request per job')),
    ],
    ['one row inserted, to the bare table: awake, asleep', [enqueue('one row', 'awake'), enqueue('one row', 'asleep')]],
    ['10,000 rows inserted: awake, asleep', [enqueue('10,000 rows', 'awake'), enqueue('10,000 rows', 'asleep')]],
    ['latency in ms, p50: asleep, at 5, 20, 100/s', latency(2)],
    ['latency in ms, p99: the same', latency(4)],
  ]

  test.each(reached)('%s: what the four runs have', (label, of) => {
    const [, ...cells] = cellsOf(page.split('\n').find((line) => line.startsWith(`| ${label} |`))!)

    expect(cells).toHaveLength(results.length)
    for (const [at, run] of results.entries()) {
      const said = cells[at]!.split(', ')
      const exact = of.map((read) => read(run))
      expect({ said, exact, rounded: said.map((one, of) => isRounded(one, exact[of]!)) })
        .toEqual({ said, exact, rounded: exact.map(() => true) })
    }
  })

  test.each([
    ['a bare call', 'bare fetch, no queue', 1],
    ['all', 'supaqueue', 1],
    ['graphile-worker', 'graphile-worker', 1],
    ['graphile-worker, batched', 'graphile-worker, batched', 1],
    ['pg-boss', 'pg-boss', 1],
  ])('processor time per job, %s: from the least to the most of the last three runs', (part, who) => {
    const line = page.split('\n').find((line) => line.startsWith(`| ${part} | `) && /\d-\d/.test(line))!
    const [, ...cells] = cellsOf(line)
    for (const [at, workers] of [10, 50].entries()) {
      const exact = results.slice(1).map((run) =>
        cell(run, /^Processor time/, `no-op function, 100 B, ${workers} at once: ${who}`, 1) / 1000
      )
      const [least = '', most = ''] = cells[at]!.split('-')
      expect({ least, exact, is: isRounded(least, Math.min(...exact)) }).toMatchObject({ is: true })
      expect({ most, exact, is: isRounded(most, Math.max(...exact)) }).toMatchObject({ is: true })
    }
  })

  const parts = (run: Results, workers: number, who: string) => {
    const table = run.scenarios.flatMap(({ tables }) => tables).find(({ title }) => /^Processor time/.test(title))!
    const [, , of = ''] = table.rows.find(([name]) => name === `no-op function, 100 B, ${workers} at once: ${who}`)!
    const part = (name: RegExp) => first(of.split(/, (?=[a-z])/).find((one) => name.test(one)) ?? '0')
    return {
      database: part(/^postgres/),
      dispatcher: part(/^dispatcher/),
      endpoint: first(/pg_net\) ([\d.,]+)/.exec(of)![1]!),
    }
  }

  test.each([
    ['database', (run: Results, workers: number) => parts(run, workers, 'supaqueue').database],
    ['dispatcher', (run: Results, workers: number) => parts(run, workers, 'supaqueue').dispatcher],
    [
      'gateway, REST and pg_net, besides those of a bare call',
      (run: Results, workers: number) =>
        parts(run, workers, 'supaqueue').endpoint - parts(run, workers, 'bare fetch, no queue').endpoint,
    ],
  ])('processor time per job, %s: from the least to the most of the last three runs', (name, of) => {
    const [, ...cells] = cellsOf(page.split('\n').find((line) => line.startsWith(`| ${name} | `))!)
    for (const [at, workers] of [10, 50].entries()) {
      const exact = results.slice(1).map((run) => of(run, workers) / 1000)
      const [least = '', most = ''] = cells[at]!.split('-')
      expect({ exact, least, most, is: isRounded(least, Math.min(...exact)) && isRounded(most, Math.max(...exact)) })
        .toMatchObject({ is: true })
    }
  })

  test('what it says of runs 2 to 4 is so', () => {
    const said = plain(page)
    const last = results.slice(1)
    const rows = (run: Results, title: RegExp) =>
      run.scenarios.flatMap(({ tables }) => tables).find((one) => title.test(one.title))!.rows

    for (const run of last) {
      for (const [, ratio] of rows(run, /^Scale/).map((row) => [row[0], first(row[2]!)] as const)) {
        expect(ratio).toBeLessThan(1.2)
      }
      const [nobody, ...held] = rows(run, /^An old snapshot/).map((row) => first(row[1]!))
      expect(Math.min(...held.slice(0, 2)) / nobody!).toBeGreaterThan(0.955)
      expect(Math.max(...rows(run, /^Looks/).map((row) => first(row[1]!)))).toBeLessThan(200)
    }
    const invocations = last.flatMap((run) => rows(run, /^What it costs/).filter(([what]) => /^bulk/.test(what!)))
      .map((row) => first(row[3]!))
    expect(said).toContain(`need ${Math.min(...invocations)} to ${Math.max(...invocations)} invocations`)
    expect(last.map((run) => cell(run, /^What it costs/, 'single inserts, 0.2/s', 3))).toEqual([12, 12, 12])
    expect(said).toContain('Single inserts every few seconds need 12 a minute.')
    const asleep = last.map((run) => cell(run, /^Enqueue: one INSERT of one row/, 'asleep', 1))
    expect(said).toContain(`takes ${Math.min(...asleep).toFixed(1)} to ${Math.max(...asleep).toFixed(1)} ms`)
    expect(said).toContain('less than 0.2 s with 200,000 jobs')
    expect(said).toContain('falls by 4 % at most')
  })

  test('what it says of one row inserted since is in its results', () => {
    const [, awake, asleep, file] =
      /awake: ([\d.]+) times the bare table, and ([\d.]+) times asleep, in a run .*?`(bench\/results\/[\w-]+\.json)`/
        .exec(plain(page))!
    const run = JSON.parse(read(file!)) as Results

    expect([isRounded(awake!, enqueue('one row', 'awake')(run)), isRounded(asleep!, enqueue('one row', 'asleep')(run))])
      .toEqual([true, true])
  })

  test('what it says of the edges is in their results', () => {
    const told = page.split('## Many queues')[1]!.split('## ')[0]!
    const [, file = ''] = /`(bench\/results\/[\w-]+\.json)`:/.exec(told)!
    const [{ tables: [{ rows } = { rows: [] }] } = { tables: [] }] = (JSON.parse(read(file)) as Results).scenarios
    const of = (what: string) => rows.find(([name]) => name!.includes(what))!

    expect(told).toContain(`| ${of('one statement over')[4]!.replace(' ', ' times ')} |`)
    expect(told).toContain(`| ${first(of('a sweep with')[1]!)} ms |`)
    expect(told).toContain(`| ${of('the first insert')[1]!.replace(' ', ' ms ')} of processor time |`)
    expect(told).toContain(`| ${first(of('an insert below')[1]!)} ms, ${first(of('an insert below')[4]!)} times one`)
  })

  test('what it says of planned jobs is in their results', () => {
    const told = page.split('## Planned jobs')[1]!.split('## ')[0]!
    const [, file = ''] = /`(bench\/results\/[\w-]+\.json)`:/.exec(told)!
    const [{ tables: [late, rest] } = { tables: [] }] = (JSON.parse(read(file)) as Results).scenarios

    expect(told.split('\n').filter((line) => /^\| (asleep|awake)/.test(line)).map(cellsOf))
      .toEqual(late!.rows.map(([name, , p50, , p99, , , turns]) => [name, `${p50} ms`, `${p99} ms`, turns]))
    expect(late!.rows.map(([, , , , , , early]) => early)).toEqual(late!.rows.map(() => '0'))
    expect(rest!.rows.map(([, , , turns]) => turns)).toEqual(['0', '0', '0'])
    const seconds = rest!.rows.map(([, , ms]) => (first(ms!) / 1000).toFixed(1))
    expect(told.replace(/\s+/g, ' ')).toContain(
      `took ${seconds[1]} s in all without such jobs, and ${seconds[2]} s with them`,
    )
  })

  /** The table of a section has these rows and no others, and its cells, one or more figures in each, are these. */
  function expectRows(told: string, rows: Record<string, number[]>) {
    const said = new Map(
      told.split('\n').filter((line) => /^\| .*\d \|/.test(line)).map((line) => {
        const [name = '', ...cells] = cellsOf(line)
        return [name, cells.join(', ').split(', ')] as const
      }),
    )
    expect([...said.keys()].sort()).toEqual(Object.keys(rows).sort())
    for (const [name, exact] of Object.entries(rows)) {
      const cells = said.get(name)!
      expect({ name, exact, cells, is: exact.every((one, at) => isRounded(cells[at]!, one)) }).toMatchObject({
        is: true,
      })
    }
  }

  test('what it says of the newest peers is in their results', () => {
    const told = page.split('## With the newest peers')[1]!.split('## ')[0]!
    const [, file = ''] = /`(bench\/results\/[\w-]+\.json)`:/.exec(told)!
    const targets = (JSON.parse(read(file)) as Results).scenarios.flatMap(({ targets }) => targets ?? [])
    const reached = (claim: string) => first(targets.find((target) => target.claim === claim)!.reached)
    const single = (who: string, times: [number, number], whose = '') =>
      [10, 50].map((n, at) => reached(`${n} workers${whose}: at least ${times[at]} times ${who}`))
    expectRows(told, {
      'graphile-worker, the edge function': single('graphile-worker', [2, 3]),
      'graphile-worker, `supaqueue work`': single('graphile-worker', [2, 3], ', supaqueue work'),
      'bare calls, `supaqueue work`': single('bare fetch, no queue', [0.4, 0.5], ', supaqueue work'),
    })
  })

  test('what it says of twenty jobs in a call is in their results', () => {
    const told = page.split('## Twenty jobs in a call')[1]!.split('## ')[0]!
    const [, file = ''] = /`(bench\/results\/[\w-]+\.json)`:/.exec(told)!
    const [{ targets = [], tables } = { tables: [] }] = (JSON.parse(read(file)) as Results).scenarios
    const reached = (claim: string) => first(targets.find((target) => target.claim === claim)!.reached)
    const times = (who: string) =>
      [10, 50].flatMap((n) =>
        ['', ', supaqueue work'].map((whose) => reached(`${n} at once, 20 a call${whose}: at least 1 times ${who}`))
      )
    const processorTime = (n: number, who: string) =>
      first(tables.flatMap(({ rows }) => rows).find(([name]) => name!.endsWith(`${n} calls at once: ${who}`))![1]!)

    expectRows(told, {
      'supaqueue with one job in a call': [10, 50].map((n) =>
        reached(`${n} at once, 20 a call: at least 3 times supaqueue, one a call`)
      ),
      'graphile-worker, batched': times('graphile-worker, batched'),
      'pg-boss, batches of 500, a call for each job': times('pg-boss'),
      'pg-boss, batches of 20, a call for each batch': times('pg-boss, batches of 20'),
      'pg-boss, batches of 500, a call for each 20': times('pg-boss, 20 a call'),
    })
    expect(plain(told)).toContain('needs two to three times the processor time')
    const ratios = [10, 50].flatMap((n) =>
      ['supaqueue', 'supaqueue work'].map((who) => processorTime(n, 'pg-boss, batches of 20') / processorTime(n, who))
    )
    expect([Math.min(...ratios), Math.max(...ratios)].map(Math.round)).toEqual([2, 3])
  })

  describe('the console at ten million jobs', () => {
    const told = page.split('## The console at ten million jobs')[1]!.split('## ')[0]!
    const [, file = ''] = /`(bench\/results\/[\w-]+\.json)`:/.exec(told)!
    const { options, scenarios: [looks] } = JSON.parse(read(file)) as Results & { options: { fullScale: boolean } }
    const { tables: [{ title, rows } = { title: '', rows: [] }], targets } = looks!
    const shown = new Map(
      told.split('\n').filter((line) => /^\| .*\d/.test(line)).map((line) => cellsOf(line) as [string, string]),
    )
    const NAMES: Record<string, string> = {
      'what "retry all failed jobs of a queue" would change': 'meant, all failed of one queue',
      'jobs by a path in the payload': 'jobs, by a path',
      'failures in groups': 'failures',
      'jobs by an error text': 'jobs, by an error',
      'a queue': 'queue',
      'the newest jobs': 'jobs, the newest',
    }

    test('has the rows of the results, and the slowest of them', () => {
      expect(options.fullScale).toBe(true)
      expect(title).toContain('10,000,000 jobs in 20 queues')
      const named = new Map([...shown].map(([name, spread]) => [NAMES[name] ?? name, spread]))
      for (const [name, spread] of named) {
        expect([name, rows.find(([row]) => row === name)?.[1]]).toEqual([name, spread])
      }
      const others = rows.filter(([name]) => !named.has(name!)).map(([, spread]) => first(spread!))
      expect(told).toContain(`${rows.length} reads`)
      expect(told).toContain('All others have medians below 90 ms')
      expect(Math.max(...others)).toBeLessThan(90)
    })

    test('says of the targets what became of them', () => {
      const share = targets!.find(({ claim }) => claim.includes('twentieth'))!
      expect(plain(told)).toContain(`for ${share.reached} of one connection's time`)
      expect(targets!.filter(({ held }) => !held)).toEqual([])
    })

    test('is what the page of the console says, too', () => {
      const [, said = ''] = /\[Measured\]\(\S+#the-console-at-ten-million-jobs\)([^#]*)/.exec(
        plain(readPage('docs/operate/console.md')),
      )!
      const medians = rows.map(([, spread]) => first(spread!))
      const most = Math.max(...rows.map(([, spread]) => Number(/-([\d.]+)\)/.exec(spread!)![1])))
      expect(said).toContain('median of every read was below 0.3 s')
      expect(Math.max(...medians)).toBeLessThan(300)
      expect(said).toContain('below 0.1 s of all but four')
      expect(medians.filter((ms) => ms >= 100)).toHaveLength(4)
      expect(said).toContain(`slowest single read took ${(most / 1000).toFixed(2)} s`)
      expect(said).toContain(
        `took ${targets!.find(({ claim }) => claim.includes('twentieth'))!.reached} of a connection`,
      )
    })
  })

  test('says of the figures whose results are not here that they are not', () => {
    const once = page.split('## Measured once')[1]!.split('## ')[0]!
    expect(plain(once)).toContain('in November 2026 on a busy machine. **Their raw results were not kept.**')
    // All other figures are in tables and lists that are held above.
    const rest = page.replace(once, '').split('## Where the time goes')[1]!.replace(/^\|.*$/gm, '')
    expect(rest.match(/\b\d[\d.,]* ?(?:%|ms|times|µs)/g)?.filter((figure) => figure !== '20 ms') ?? []).toEqual([])
  })

  test('every scenario that it lists is there', () => {
    const listed = itemsOf(page.split('## How to read it')[0]!).map((item) => /^`(\w+)`/.exec(item)![1])
    expect(listed.length).toBeGreaterThan(10)
    for (const name of listed) expect(read('bench/bench.ts') + read('bench/options.ts')).toContain(name)
  })
})

describe('faults', () => {
  const page = readPage('docs/how-it-works/faults.md')
  const timeoutMs = 5000
  const leaseMs = timeoutMs + 10_000
  const sweepMs = 10_000
  /** Seconds that a row gives for "runs again after". */
  const after = (row: string) =>
    Number(/\*Runs again after:\*\D*([\d.]+) s/.exec(itemsOf(page).find((item) => item.startsWith(row))!)![1])

  test('says of when its times are, and under which settings', () => {
    expect(plain(page)).toContain('It was measured once per fault, in November 2026,')
  })

  // Nobody measures them again with each change: they must be what the mechanism allows, by the settings that it has today.
  test.each([
    ['is killed with calls in flight: their leases', leaseMs, leaseMs + sweepMs],
    ['is killed while it was awake', 0, sweepMs + 1000],
    ['a wake-up is lost', 0, sweepMs + 1000],
    ['hangs beyond', timeoutMs, timeoutMs + 3000],
    ['REST drops connections', 0, 2000],
  ])('%s: within what leases and sweeps allow', (row, least, most) => {
    expect(after(row) * 1000).toBeGreaterThanOrEqual(least)
    expect(after(row) * 1000).toBeLessThanOrEqual(most)
  })

  test('the lease and the sweep are those of the code', () => {
    expect(plain(page)).toContain('`timeout_ms` and 10 s')
    expect(read('functions/core/claim/claim.sql')).toContain('timeout_ms) + 10000) * interval')
    expect(read('functions/core/sweep/schedule_sweep.sql')).toContain(`'10 seconds'`)
    expect(read('migrations/0001_core.sql')).toMatch(/timeout_ms\s+integer\s+not null default 60000/)
    expect(plain(page)).toContain('20 to 30 s after a fault with a timeout of 5 s, 70 to 80 s with the default of 60 s')
  })

  test('every file that it names is there', () => {
    for (const [, name] of page.matchAll(/`([\w.]+\.(?:test|proof)\.ts)`/g)) {
      expect(() => read(`test/faults/${name}`)).not.toThrow()
    }
  })
})

describe('the model', () => {
  const page = readPage('docs/how-it-works/model.md')
  const checks = read('test/model/model.proof.ts')

  test('says of when its numbers of states are', () => {
    expect(plain(page)).toContain('counted in November 2026')
  })

  test('has each switch that the drawing has, and no other', () => {
    const drawn = [...read('test/model/wakeup.pml').matchAll(/^#\s*if(?:n?def)\s+(\w+)|defined\((\w+)\)/gm)]
      .map(([, one, other]) => one ?? other!)
    const listed = [...page.split('## Switches')[1]!.split('## ')[0]!.matchAll(/^\| (`[^|]+) \|/gm)]
      .flatMap(([, names]) => [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!))

    expect(listed.sort()).toEqual([...new Set(drawn)].sort())
  })

  test('has a row for each check, and counts of no other', () => {
    const rows = [...page.matchAll(/^\| (holds|fails): /gm)].length
    expect(rows).toBe(10)
    // "with two enqueuers" is one row for two checks.
    const held = checks.split('const breaks')[0]!.match(/^ {2}\['/gm)!.length
    const withCounts = [...page.matchAll(/^\| holds: .*\| (.*\d.*) \|$/gm)].flatMap(([, counts]) => counts!.split(';'))
    // Two of the checks leave out what others make up for: they are told in a sentence.
    expect(withCounts).toHaveLength(held - 2)
  })
})

describe('the interleavings', () => {
  const page = plain(readPage('docs/how-it-works/interleavings.md'))

  test('plays as many of a large one as it says', () => {
    expect(page).toContain(
      `Of a scenario marked large ${/BY_CHANCE = (\d+)/.exec(read('test/interleavings/share.ts'))![1]} are`,
    )
  })

  test('says of when the counts of its example are', () => {
    const [, orders] = /In November 2026 "the queue is resumed" had ([\d,]+) orders/.exec(page)!
    expect(page).toContain(`which stand for ${orders}`)
  })

  test('every file of scenarios is named, and no other', () => {
    const named = [...page.matchAll(/test\/interleavings\/scenarios\/(\w+)\.ts/g)].map(([, name]) => `${name}.ts`)
    expect(named.sort()).toEqual(
      readdirSync(join(root, 'test/interleavings/scenarios')).filter((file) => file !== 'scenes.ts')
        .sort(),
    )
  })
})
