import { type Deps, makeApi } from './api.ts'
import { openDatabase } from './database.ts'
import { rest } from './rest.ts'
import { readSettings } from './settings.ts'

// The only file that knows it runs on Deno.

let deps: Deps | undefined

function open(): Deps {
  if (deps) return deps
  const settings = readSettings(Deno.env.toObject())
  return deps = { keys: settings.keys, database: openDatabase(rest(settings)) }
}

const api = makeApi(open, (line) => console.log(JSON.stringify(line)))

Deno.serve((request) => api.fetch(request))
