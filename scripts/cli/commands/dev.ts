import { describe } from '../../dev/command/describe.ts'
import { type DevOptions, givenDatabase } from '../../dev/command/options.ts'
import { expectParts } from '../../dev/needs.ts'
import { noteRunning } from '../project/running.ts'
import { untilEnded } from '../terminal/ended.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

/** Starts a stack on this machine, and stays until it is ended. Returns the exit code. */
export async function dev(options: DevOptions, { env, cwd, say }: Deps): Promise<number> {
  const databaseUrl = givenDatabase(options, env)
  expectParts({ database: databaseUrl === undefined })
  // Not before it is needed: problems shall come at once.
  const { openProjectFiles } = await import('../../dev/project/open.ts')
  const project = openProjectFiles({ ...options, databaseUrl }, cwd, say)
  // From here on: whoever ends us while we start has everything stopped, too.
  const ended = untilEnded()
  say(`Starting Postgres, REST and the edge functions${project ? ` of ${project.folder}` : ''} ...`)
  const { startStack } = await import('../../dev/stack.ts')
  const { port } = options
  const postgres = { port: port + 1 }
  const stack = await startStack({ port, databaseUrl, postgres, reload: true, log: say, ...project?.stack })
  // Who gave the database knows where it is.
  const forget = project && databaseUrl === undefined
    ? noteRunning(project.folder, {
      databaseUrl: stack.databaseUrl,
      functionsUrl: `${stack.apiUrl}/functions/v1`,
      pid: process.pid,
    })
    : undefined
  say(describe(stack, databaseUrl, project?.folder))
  if (project) {
    const { firstJob } = await import('../../dev/project/first_job.ts')
    await Promise.race([firstJob(stack.databaseUrl, say), ended])
  }

  await ended
  say('Stopping ...')
  forget?.()
  await stack.stop()
  say('Stopped.')
  return EXIT.done
}
