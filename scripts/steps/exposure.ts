import { HintedError } from '../hinted_error.ts'
import type { Step } from './step.ts'

const SCHEMA = 'supaqueue'

export const exposureStep: Step = {
  name: 'the schema supaqueue among those of the Data API',

  async isInPlace({ dataApi, expose }) {
    const schemas = await dataApi.schemas()
    if (!schemas.includes('public')) throw withoutPublic()
    return !expose || schemas.includes(SCHEMA)
  },

  async putInPlace({ dataApi }) {
    // The platform replaces the list by what it gets: what others have exposed must be in it.
    await dataApi.setSchemas([...await dataApi.schemas(), SCHEMA])
  },

  async takeAway({ dataApi }) {
    const schemas = await dataApi.schemas()
    if (!schemas.includes(SCHEMA)) return false
    await dataApi.setSchemas(schemas.filter((schema) => schema !== SCHEMA))
    return true
  },
}

const withoutPublic = () =>
  new HintedError(
    'SQ409',
    'the Data API does not serve the schema public, through which the dispatcher takes its turns',
    'Switch the Data API on and expose public (Project Settings, Data API). supaqueue puts two functions there, for service_role alone.',
  )
