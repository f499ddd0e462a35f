import { API } from '../project/edge.ts'
import type { Project } from '../project/project.ts'
import { apiStep, apiWantedStep, wantsApi } from './api.ts'
import { dispatcherStep } from './dispatcher.ts'
import { exposureStep } from './exposure.ts'
import { cronStep, extensionsStep } from './extensions.ts'
import { functionsUrlStep } from './functions_url.ts'
import { scheduleStep } from './schedule.ts'
import { schemaStep } from './schema.ts'
import { secretStep } from './secret.ts'
import type { Step } from './step.ts'
import { loginRolesBack } from './login_role.ts'
import { apiRolesStep, standAloneStep } from './stand_alone.ts'
import { besideApiStep, besideSteps, vaultSecretStep } from './unmanaged.ts'

/** What every installation consists of. `install` applies it in this order, `remove` undoes it in reverse. */
export const steps: Step[] = [
  extensionsStep,
  cronStep,
  schemaStep,
  scheduleStep,
  functionsUrlStep,
  secretStep,
  dispatcherStep,
  exposureStep,
]

/** The same for this project: with the HTTP API, where that is wanted; of what only the platform can do, the word. */
export async function stepsOf(project: Project): Promise<Step[]> {
  const wanted = await wantsApi(project)
  if (project.standAlone) return [apiRolesStep, schemaStep, standAloneStep, ...(wanted ? [apiWantedStep] : [])]
  if (project.unmanaged === undefined) return wanted ? [...steps, apiStep] : steps
  const own = steps.slice(0, steps.indexOf(secretStep))
  return [...own, vaultSecretStep, ...besideSteps, ...(wanted ? [apiWantedStep, besideApiStep] : [])]
}

/** What is to be taken away: the HTTP API, too, wherever it is found, and the roles of processes. */
export async function stepsBack(project: Project): Promise<Step[]> {
  const roles = await loginRolesBack(project)
  if (project.standAlone) return [...await stepsOf(project), scheduleStep, ...roles]
  return [...await project.edge.find(API) ? [...steps, apiStep] : await stepsOf(project), ...roles]
}
