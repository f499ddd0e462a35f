import { addonFiles, API_ADDON } from '../../cli/database/addons.ts'
import { functionFiles, isView, schemaOf } from '../../cli/database/files.ts'

/** Who may be named under "called by" in the head of a function that is for people, and not for other functions. */
const people = /^-- called by .*\b(users?|consumers|by hand|console)\b/m

/** The functions of supaqueue that people call: those whose head says so. */
export const routinesForPeople = (): { schema: string; name: string }[] =>
  [...functionFiles(), ...addonFiles(API_ADDON)]
    .filter((file) => !isView(file) && people.test(file.sql))
    .map(({ sql, name }) => ({ schema: schemaOf(sql), name }))
    .filter(({ schema }) => schema !== 'supaqueue_internal')
