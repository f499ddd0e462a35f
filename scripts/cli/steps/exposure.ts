import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'
import { conceal, expose, exposed, ownRooms } from '../project/exposed.ts'
import type { Step } from './step.ts'

const SCHEMA = 'supaqueue'

// After the schema on the way in, before it on the way out: what is served and not there takes the Data API down.
export const exposureStep: Step = {
  name: 'the schema supaqueue among those of the Data API',

  async isInPlace(project) {
    const { schemas } = await exposed(project)
    if (!schemas.includes('public')) throw withoutPublic()
    return !project.expose || schemas.includes(SCHEMA)
  },

  async putInPlace(project) {
    // The list is replaced by what we write: what others have exposed must be in it.
    const { schemas, by } = await exposed(project)
    await expose(project, { schemas: [...schemas, SCHEMA], by })
  },

  takeAway: async (project) => await conceal(project, await ownRooms(project.db)),
}

const withoutPublic = () =>
  new SupaqueueError(
    'SQ409',
    'the Data API does not serve the schema public, through which the dispatcher takes its turns',
    'Switch the Data API on and expose public (Project Settings, Data API). supaqueue puts two functions there, for service_role alone.',
  )
