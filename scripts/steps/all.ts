import { dispatcherStep } from './dispatcher.ts'
import { exposureStep } from './exposure.ts'
import { extensionsStep } from './extensions.ts'
import { functionsUrlStep } from './functions_url.ts'
import { scheduleStep } from './schedule.ts'
import { schemaStep } from './schema.ts'
import { secretStep } from './secret.ts'
import type { Step } from './step.ts'

/** What an installation consists of. Install walks it forward, remove backward. */
export const steps: Step[] = [
  extensionsStep,
  schemaStep,
  scheduleStep,
  functionsUrlStep,
  secretStep,
  dispatcherStep,
  exposureStep,
]
