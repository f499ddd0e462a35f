import { type Ground, makeApi } from './api.ts'
import { openDatabase } from './database.ts'
import { readSettings } from './settings.ts'

// The only file that knows it runs on Deno.

let ground: Ground | undefined

function open(): Ground {
  if (ground) return ground
  const settings = readSettings(Deno.env.toObject())
  return ground = { keys: settings.keys, database: openDatabase(settings) }
}

const api = makeApi(open, (line) => console.log(JSON.stringify(line)))

Deno.serve((request) => api.fetch(request))
