import type { Project } from '../project/project.ts'

/** One thing that an installation consists of: install puts it in place, remove takes it away again. */
export type Step = {
  /** Names the thing itself, so that it reads after "in place:", "installed:" and "removed:". */
  name: string
  /** Whether nothing needs to be done. Looks only. */
  isInPlace(project: Project): Promise<boolean>
  /**
   * Safe to repeat, and to repeat after it broke off in the middle. Returns why it was left out, where it was, having asked
   * the database: what it says nothing of is there.
   */
  putInPlace(project: Project): Promise<void | string>
  /** Removes whatever it finds, and is content to find nothing. Says whether there was something. */
  takeAway(project: Project, options: { keepData: boolean }): Promise<boolean>
}
