import { jobRoutes } from './jobs.ts'
import { queueRoutes } from './queues.ts'
import type { Route } from './route.ts'
import { taskRoutes } from './tasks.ts'

/** Every operation of the door that the database answers. */
export const routes: Route[] = [...jobRoutes, ...queueRoutes, ...taskRoutes]
