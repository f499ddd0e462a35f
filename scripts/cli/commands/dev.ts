import { describe } from '../../dev/command/describe.ts'
import { parseOptions, usage } from '../../dev/command/options.ts'
import { untilEnded } from '../terminal/ended.ts'
import { print } from '../terminal/print.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

/** Starts a stack on this machine, and stays until it is ended. Returns the exit code. */
export async function dev(args: string[], { env, cwd }: Deps): Promise<number> {
  const options = parseOptions(args, env)
  if (options === 'help') {
    print(usage)
    return EXIT.done
  }
  // Not before it is needed: help and complaints shall come at once.
  const { openProjectFiles } = await import('../../dev/project/open.ts')
  const project = openProjectFiles(options, cwd, print)
  print(`Starting Postgres, REST and the edge functions${project ? ` of ${project.folder}` : ''} ...`)
  const { startStack } = await import('../../dev/stack.ts')
  const { port, databaseUrl, postgres } = options
  const stack = await startStack({ port, databaseUrl, postgres, reload: true, log: print, ...project?.stack })
  print(describe(stack, options, project?.folder))
  if (project) {
    const { firstJob } = await import('../../dev/project/first_job.ts')
    await firstJob(stack.databaseUrl, print)
  }

  await untilEnded()
  print('Stopping ...')
  await stack.stop()
  print('Stopped.')
  return EXIT.done
}
