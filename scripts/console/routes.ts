import type { Health, Me } from '../../console/answers.ts'
import { SupaqueueError } from '../../supabase/functions/_shared/supaqueue/errors.ts'
import type { Source } from './source.ts'
import { readAudit } from './reads/audit.ts'
import { readAside } from './reads/aside.ts'
import { readFindings } from './reads/findings.ts'
import { readBulk, readBulks, readFailures, readMeant } from './reads/failures.ts'
import { readJob } from './reads/job.ts'
import { readJobs } from './reads/jobs.ts'
import { makeOverview } from './reads/overview.ts'
import { readGraph, readPipelines } from './reads/pipelines.ts'
import { readQueue } from './reads/queue.ts'
import { readRuns } from './reads/runs.ts'
import { readSchedules } from './reads/schedules.ts'

export type Route = (params: URLSearchParams) => Promise<unknown>

export type Surroundings = { source: Source; me: Me; health: () => Promise<Health> }

export type Routes = ReturnType<typeof makeRoutes>

/** What can be read, by its path below /api/. */
export function makeRoutes({ source, me, health }: Surroundings) {
  const overview = makeOverview(source)
  return {
    me: () => Promise.resolve(me),
    overview: () => overview(),
    jobs: (params) => readJobs(source, params),
    failures: (params) => readFailures(source, params),
    meant: (params) => readMeant(source, params),
    bulk: (params) => readBulk(source, params),
    bulks: () => readBulks(source),
    pipelines: () => readPipelines(source),
    graph: (params) => readGraph(source, params),
    alerts: async () => ({
      rules: (await source.read<{ rules: unknown }>('select supaqueue.alert_overview() as rules'))[0]!.rules,
      queues: (await source.read<{ name: string }>('select name from supaqueue.queue order by name')).map(({ name }) =>
        name
      ),
    }),
    hooks: async () => (await source.read('select supaqueue.hook_overview() as hooks'))[0],
    queue: (params) => readQueue(source, params),
    runs: () => readRuns(source),
    schedules: () => readSchedules(source),
    health: () => health(),
    findings: () => readFindings(source),
    aside: () => readAside(source),
    audit: (params) => readAudit(source, params),
    job: (params) => readJob(source, params),
  } satisfies Record<string, Route>
}

export const noSuchRoute = (path: string) =>
  new SupaqueueError('SQ404', `the console has nothing at ${path}`, 'Begin at the overview: /')
