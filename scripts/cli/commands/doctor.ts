import { allChecks, examine, type Result } from '../checks/all.ts'
import type { Check } from '../checks/check.ts'
import { schemaCheck } from '../checks/installed.ts'
import { occupantOf, strangerError } from '../project/occupant.ts'
import { openProject, type Target } from '../project/open.ts'
import type { Project } from '../project/project.ts'
import type { Deps } from '../deps.ts'
import { EXIT } from './exit.ts'

export type DoctorOptions = Target & { json?: boolean; proofSeconds: number }

/** Looks at every link of the chain and says what is wrong and what fixes it. Returns the exit code. */
export async function doctor(options: DoctorOptions, deps: Deps): Promise<number> {
  const project = await openProject({ ...options, onlyLooks: true }, deps)
  try {
    const results = await examine(await checksOf(project, options.proofSeconds * 1000), project, (result) => {
      if (!options.json) { for (const line of linesOf(result)) deps.say(line) }
    })
    const well = results.every(({ ok }) => ok)
    if (options.json) deps.say(JSON.stringify({ project: project.name, ok: well, checks: results }, null, 2))
    return well ? EXIT.done : EXIT.failed
  } finally {
    await project.end()
  }
}

/** All of them; of a schema that is not ours, no more than that it is not: every other advice would be wrong there. */
async function checksOf({ db }: Project, deadlineMs: number): Promise<Check[]> {
  const occupant = await occupantOf(db.query).catch(() => undefined)
  return occupant && strangerError(occupant) ? [schemaCheck] : allChecks(deadlineMs)
}

function linesOf({ name, ok, skipped, leftOut, detail, fix }: Result): string[] {
  const mark = skipped || leftOut ? '-    ' : ok ? 'ok   ' : 'WRONG'
  const line = `${mark} ${name.padEnd(13)} ${detail}`
  return fix ? [line, `${' '.repeat(20)}fix: ${fix}`] : [line]
}
