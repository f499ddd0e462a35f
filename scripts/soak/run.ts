import { type Stack, startStack } from '../dev/stack.ts'
import { balance, type Ledger } from './balance.ts'
import { makeQueues } from './load_queues.ts'
import { logLinePrefix } from './log.ts'
import { keepOutcomes } from './outcomes.ts'
import { plans } from './queues.ts'
import { recordedFunctions, type Recorder, startRecorder } from './recorder.ts'
import { makeCron, type SoakPlan, withDatabase } from './scene.ts'
import { readSizes } from './sizes.ts'
import { strain } from './strain.ts'

/** Runs load and faults on a stack of their own, waits until all is done, and returns the ledger. */
export async function soak(plan: SoakPlan): Promise<Ledger> {
  const recorder = await startRecorder()
  try {
    const stack = await startStack({
      functions: [recordedFunctions],
      environment: recorder.environment,
      rest: 'thin',
      // Its own, to be stopped and started again.
      cron: false,
      postgres: { settings: { log_line_prefix: logLinePrefix } },
      log: plan.log,
    })
    try {
      return await soakStack(stack, recorder, plan)
    } finally {
      await stack.stop()
    }
  } finally {
    await recorder.close()
  }
}

async function soakStack(stack: Stack, recorder: Recorder, plan: SoakPlan): Promise<Ledger> {
  const cron = await makeCron(stack)
  try {
    const scene = await withDatabase(stack, async (db) => {
      await keepOutcomes(db)
      const queues = await makeQueues(db, recorder.visits, plans)
      return { stack, recorder, cron, queues, sizesBefore: await readSizes(db) }
    })
    return await balance(scene, plan, await strain(scene, plan))
  } finally {
    await cron.stop()
  }
}
