import { readSetting, writeSetting } from '../project/setting.ts'
import type { Step } from './step.ts'

export const functionsUrlStep: Step = {
  name: 'the setting functions_url',
  isInPlace: async ({ db, functionsUrl }) => await readSetting(db, 'functions_url') === functionsUrl,
  putInPlace: ({ db, functionsUrl }) => writeSetting(db, 'functions_url', functionsUrl),

  // Wake-ups that have not left yet find nobody there, and are not sent again. To delete them would run the triggers that
  // every role may put on pg_net's table, with the owner's rights.
  async takeAway({ db }) {
    const url = await readSetting(db, 'functions_url')
    if (url === undefined) return false
    await db.change(`delete from supaqueue.setting where name in ('functions_url', 'dispatcher', 'api')`)
    return true
  },
}
