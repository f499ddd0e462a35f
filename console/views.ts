import type { ComponentType } from 'preact'
import type { Place } from './router.ts'
import { AlertsPage } from './pages/alerts.tsx'
import { AuditPage } from './pages/audit.tsx'
import { FailuresPage } from './pages/failures.tsx'
import { HealthPage } from './pages/health.tsx'
import { HooksPage } from './pages/hooks.tsx'
import { JobPage } from './pages/job.tsx'
import { JobsPage } from './pages/jobs.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { PipelinePage } from './pages/pipeline.tsx'
import { PipelinesPage } from './pages/pipelines.tsx'
import { QueuePage } from './pages/queue.tsx'
import { RunsPage } from './pages/runs.tsx'
import { SchedulesPage } from './pages/schedules.tsx'

/** A page: what it is called, and at which paths it is. */
export type View = { title: string; path: string; Page: ComponentType<{ place: Place }> }

/** In the order of the menu. */
export const views: View[] = [
  { title: 'Overview', path: '/', Page: OverviewPage },
  { title: 'Queue', path: '/queues/', Page: QueuePage },
  { title: 'Jobs', path: '/jobs', Page: JobsPage },
  { title: 'Job', path: '/jobs/', Page: JobPage },
  { title: 'Failures', path: '/failures', Page: FailuresPage },
  { title: 'Pipelines', path: '/pipelines', Page: PipelinesPage },
  { title: 'Pipeline of job', path: '/pipelines/', Page: PipelinePage },
  { title: 'Schedules', path: '/schedules', Page: SchedulesPage },
  { title: 'Hooks', path: '/hooks', Page: HooksPage },
  { title: 'Dispatcher', path: '/dispatcher', Page: RunsPage },
  { title: 'Alerts', path: '/alerts', Page: AlertsPage },
  { title: 'Audit', path: '/audit', Page: AuditPage },
  { title: 'Health', path: '/health', Page: HealthPage },
]

/** The page at a path; that of `/jobs/7` is the one of `/jobs/`. */
export const viewAt = (path: string): View | undefined =>
  views.find((view) => view.path === path) ??
    views.find((view) => view.path.length > 1 && view.path.endsWith('/') && path.startsWith(view.path))
