import { afterAll, beforeAll } from 'vitest'
import { logLinePrefix } from '../../scripts/soak/log.ts'
import { recordedFunctions, type Recorder, startRecorder } from '../../scripts/soak/recorder.ts'
import { type Stack, startStack } from '../../scripts/dev/stack.ts'

export type Stage = { recorder: Recorder; stack: Stack }

/** A stack and what counts at its function, for all storms of a file. `direct`: turns go over a connection of their own. */
export function useStage({ direct = false } = {}): Stage {
  const stage = {} as Stage

  beforeAll(async () => {
    stage.recorder = await startRecorder()
    stage.stack = await startStack({
      direct,
      functions: [recordedFunctions],
      environment: stage.recorder.environment,
      rest: 'thin',
      cron: false,
      // After a retired isolate another has to start: on a busy machine that takes longer than a wake-up waits, and only the
      // sweep makes good a wake-up that nobody took.
      edge: { wallClockMs: 3_600_000 },
      postgres: { settings: { log_line_prefix: logLinePrefix } },
    })
    await stage.stack.edge.warm('recorded')
  })

  afterAll(async () => {
    await stage.stack?.stop()
    await stage.recorder?.close()
  })

  return stage
}
