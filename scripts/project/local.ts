import type { World } from '../world.ts'
import type { Target } from './open.ts'
import type { Project } from './project.ts'
export function localProject(_target: Target, _world: World): Promise<Project> {
  throw new Error('not yet')
}
