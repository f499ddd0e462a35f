import { type Copy, withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const order: Scenario = {
  name: 'order',
  about: 'what a turn of an ordered queue costs with 100,000 keys, and with 100,000 jobs of one key',
  measure: (bench) => withCopies((makeCopy) => measure(bench, makeCopy)),
}

const many = 100_000

// The jobs that wait, their keys, and how many of them a turn takes: of one key only one can run.
const fillings = [
  { name: '1,000 jobs that pass each other', jobs: 0, workers: 10 },
  {
    name: 'the same, and another queue is ordered',
    jobs: 0,
    workers: 10,
    beside: true,
    base: '1,000 jobs that pass each other',
  },
  { name: '1,000 keys', key: 'i % 1000', jobs: 0, workers: 10 },
  { name: `${short(many)} keys`, key: 'i', jobs: many, workers: 10, base: '1,000 keys' },
  { name: 'one key, 1,000 jobs', key: `'one'`, jobs: 0, workers: 1 },
  { name: `one key, ${short(many)} jobs`, key: `'one'`, jobs: many, workers: 1, base: 'one key, 1,000 jobs' },
]

async function measure(
  { options, say }: Bench,
  makeCopy: Parameters<Parameters<typeof withCopies>[0]>[0],
): Promise<Finding> {
  const measured: { name: string; base?: string; workers: number; copy: Copy; turnMs: number[]; insertMs: number[] }[] =
    []
  for (const { name, key, jobs, workers, base, beside } of fillings) {
    const fill = jobs === 0 ? undefined : `
      insert into supaqueue.job (queue, concurrency_key) select $1, concat(${key}, '') from generate_series(1, ${jobs}) as i`
    const copy = await makeCopy(fill, {
      workers,
      ...(beside && { beside }),
      ...(key !== undefined && { key: `concat(${key}, '')` }),
    })
    measured.push({ name, workers, copy, turnMs: [], insertMs: [], ...(base !== undefined && { base }) })
    say(`filled: ${name}`)
  }
  for (let round = 0; round < (options.rounds ?? (options.quick ? 2 : 4)); round++) {
    for (const { copy, turnMs, insertMs } of measured) {
      turnMs.push(median(await copy.turns(options.quick ? 20 : 60)))
      insertMs.push(median(await copy.inserts(options.quick ? 50 : 200)))
    }
    say(`round ${round + 1}: done`)
  }

  const baseOf = (name: string | undefined) => measured.find((one) => one.name === name)
  return {
    tables: [{
      title: 'Order: a turn that reports what it took and takes as much again',
      columns: [
        'in the queue',
        'jobs a turn',
        'turn ms: median (spread)',
        'it / its base',
        'insert ms',
        'it / its base',
      ],
      rows: measured.map(({ name, base, workers, turnMs, insertMs }) => [
        name,
        String(workers),
        spread(turnMs),
        base === undefined ? '' : spread(ratios(turnMs, baseOf(base)?.turnMs ?? [])),
        spread(insertMs),
        base === undefined ? '' : spread(ratios(insertMs, baseOf(base)?.insertMs ?? [])),
      ]),
      notes: [
        'In SQL, as service_role, one connection; each filling in a database of its own, taken in turns; vacuumed once after filling. Its base: the same with 1,000, or without the ordered queue.',
      ],
    }],
    targets: measured.flatMap(({ name, base, turnMs }) => {
      if (base === undefined) return []
      const reached = median(ratios(turnMs, baseOf(base)?.turnMs ?? []))
      return [{
        claim: `a turn with ${name}: within 1.3 times its base`,
        reached: short(reached),
        held: reached <= 1.3,
      }]
    }),
    samples: measured.map(({ name, turnMs, insertMs }) => ({ name, turnMs, insertMs })),
  }
}
