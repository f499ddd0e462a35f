import type { Project } from '../project/project.ts'
import type { DispatchHealth } from './health.ts'

/** What a check found: all is well, or what is wrong and the command that fixes it. */
export type Finding = {
  ok: boolean
  detail: string
  fix?: string
  /** Not tried, since it cannot be: nothing is known to be wrong. */
  leftOut?: boolean
}

/** One link of the chain that a job travels. */
export type Check = {
  /** Short, as the first column of a table. */
  name: string
  /** `health` is what supaqueue.health() says, read once for all checks. */
  inspect(project: Project, health: () => Promise<DispatchHealth>): Promise<Finding>
  /** About edge functions and what wakes them: left out where there are none. */
  edge?: true
  /** Asks the platform: left out where only the database is known. */
  platform?: true
  /** Names of checks that must be well for this one to say anything. */
  needs?: string[]
}

export const fine = (detail: string): Finding => ({ ok: true, detail })
export const wrong = (detail: string, fix: string): Finding => ({ ok: false, detail, fix })

export const INSTALL = 'pnpm supaqueue:install'

/** Who looks at pg_net's line sees whose it is. */
export const BUSY =
  'select url, count(*) from net.http_request_queue group by url order by 2 desc; Send fewer of them, or with a shorter timeout: supaqueue can call those URLs itself'
