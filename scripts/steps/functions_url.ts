import { readSetting, writeSetting } from '../project/setting.ts'
import type { Step } from './step.ts'

export const functionsUrlStep: Step = {
  name: 'the setting functions_url',
  isInPlace: async ({ db, functionsUrl }) => await readSetting(db, 'functions_url') === functionsUrl,
  putInPlace: ({ db, functionsUrl }) => writeSetting(db, 'functions_url', functionsUrl),

  async takeAway({ db }) {
    const url = await readSetting(db, 'functions_url')
    if (url === undefined) return false
    const [queue] = await db.query<{ exists: boolean }>(
      `select to_regclass('net.http_request_queue') is not null as exists`,
    )
    // Ticks that have not left yet would knock at a door that is gone.
    if (queue?.exists) await db.change('delete from net.http_request_queue where url = $1', [`${url}/supaqueue`])
    await db.change(`delete from supaqueue.setting where name in ('functions_url', 'dispatcher', 'api')`)
    return true
  },
}
