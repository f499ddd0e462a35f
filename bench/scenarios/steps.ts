import { connect } from '../../scripts/cli/connection/client.ts'
import { moduleFiles, moduleOf } from '../../scripts/cli/database/files.ts'
import { type Copy, withCopies } from '../copies.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { median, ratios, short, spread } from '../stats.ts'

export const steps: Scenario = {
  name: 'steps',
  about: 'what steps cost a queue that has none: a turn with the module, and without it',
  measure: (bench) => withCopies((makeCopy) => measure(bench, makeCopy)),
}

type Measured = { copy: Copy; turnMs: number[]; sweepMs: number[] }

async function measure({ options, say }: Bench, makeCopy: () => Promise<Copy>): Promise<Finding> {
  const having = { copy: await makeCopy(), turnMs: [], sweepMs: [] }
  const lacking = { copy: await makeCopy(), turnMs: [], sweepMs: [] }
  await takeAway(lacking.copy)
  const measured: Measured[] = [having, lacking]
  for (let round = 0; round < (options.rounds ?? (options.quick ? 2 : 60)); round++) {
    // Whoever comes second finds the machine as the first left it.
    for (const { copy, turnMs, sweepMs } of round % 2 === 0 ? measured : measured.toReversed()) {
      turnMs.push(median(await copy.turns(options.quick ? 5 : 15)))
      sweepMs.push(await copy.sweep())
    }
    say(`round ${round + 1}: done`)
  }
  return finding(having, lacking)
}

/** As if the module had never been there: its tables, its functions, its triggers, and what the sweep does for it. */
async function takeAway({ ownerUrl }: Copy): Promise<void> {
  const names = moduleFiles().filter((file) => moduleOf(file) === 'steps').map(({ name }) => name)
  const db = await connect(ownerUrl, 'supaqueue bench')
  try {
    const { rows: routines } = await db.query(
      `select oid::regprocedure as name from pg_proc
       where pronamespace in ('supaqueue'::regnamespace, 'supaqueue_internal'::regnamespace) and proname = any ($1)`,
      [names],
    )
    if (routines.length < names.length) throw new Error(`of ${names.length} functions there are ${routines.length}`)
    await db.query(`delete from supaqueue.chore where routine = any ($1)`, [names])
    await db.query(`drop function ${routines.map(({ name }) => name).join(', ')} cascade`)
    await db.query('drop table supaqueue.step, supaqueue.signal cascade')
  } finally {
    await db.end()
  }
}

function finding(having: Measured, lacking: Measured): Finding {
  const reached = ratios(having.turnMs, lacking.turnMs)
  return {
    tables: [{
      title: 'Steps: a turn that brings 10 reports and takes 10 jobs, of a queue without steps',
      columns: ['the module', 'turn ms: median (spread)', 'it / without', 'sweep ms: median (spread)'],
      rows: [
        ['is there', spread(having.turnMs), spread(reached), spread(having.sweepMs)],
        ['is not', spread(lacking.turnMs), '', spread(lacking.sweepMs)],
      ],
      notes: [
        'In SQL, as service_role, one connection; a database of its own for each, taken in turns.',
        'That no function of the module is called at all: test/functions/core/functions_called.test.ts.',
      ],
    }],
    targets: [{
      claim: 'a turn of a queue without steps: within 1.05 times one without the module',
      reached: short(median(reached)),
      held: median(reached) <= 1.05,
    }],
    samples: [having, lacking].map(({ turnMs, sweepMs }) => ({ turnMs, sweepMs })),
  }
}
