import type { Project } from '../project/project.ts'

/** One thing that an installation consists of: install puts it in place, remove takes it away again. */
export type Step = {
  /** Names the thing itself, so that it reads after "in place:", "installed:" and "removed:". */
  name: string
  /** Whether it is there, by what the project itself says. Looks only; asked before it is put in place, and after. */
  isInPlace(project: Project): Promise<boolean>
  /** What it is like in this project, where there is more to say than its name does. */
  detail?(project: Project): Promise<string | undefined>
  /** Is put in place also where it is there already. */
  always?: true
  /**
   * Safe to repeat, and to repeat after it broke off in the middle. Returns why it was left out, where it was, and false where
   * there was nothing to do: what it says nothing of must be in place then.
   */
  putInPlace(project: Project): Promise<void | string | false>
  /** Removes whatever it finds, and is content to find nothing. Says whether there was something. */
  takeAway(project: Project, options: { keepData: boolean }): Promise<boolean>
}
