import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { expect, test } from 'vitest'
import { startGateway } from '../../scripts/dev/gateway.ts'
import { makeKeyring } from '../../scripts/dev/keyring.ts'
import { makeKeys, signJwt } from '../../scripts/dev/keys.ts'
import { startRestLite } from '../../scripts/dev/rest/lite.ts'
import { makeUndo } from '../../scripts/dev/stack/undo.ts'
import { testDatabase } from '../support/database.ts'
import { harness as harnessOf } from '../support/harness.ts'
import { blocksOf, readPage } from '../support/markdown.ts'

const blocks = blocksOf(readPage('docs/reference/open-to-users.md'))
const code = (language: string, words: string) => {
  const found = blocks.find((block) => block.language === language && block.code.includes(words))
  if (!found) throw new Error(`docs/reference/open-to-users.md has no ${language} with ${words}`)
  return found.code
}

test('what docs/reference/open-to-users.md shows of doors runs as it stands, for a user who has signed in', async () => {
  const undo = makeUndo()
  try {
    const keys = await makeKeys()
    const database = await testDatabase()
    undo.add(database.drop)
    const harness = harnessOf(await database.connect())
    const rest = await startRestLite({
      databaseUrl: database.ownerUrl,
      authenticatorUrl: database.authenticatorUrl,
      connections: 2,
    })
    undo.add(rest.stop)
    const gateway = await startGateway({ keyring: makeKeyring(keys) })
    undo.add(gateway.stop)
    gateway.open({ rest, edge: { handle: () => {}, names: () => [] } })
    const user = randomUUID()
    const supabase = createClient(gateway.url, keys.publishable, {
      auth: { persistSession: false, autoRefreshToken: false },
      global: {
        headers: { authorization: `Bearer ${await signJwt(keys.jwtSecret, { role: 'authenticated', sub: user })}` },
      },
      realtime: { transport: Object as never },
    })
    await harness.db.query(code('sql', 'supaqueue.allow('))
    // Its workers would have the job at once, and what has begun is not theirs to cancel.
    await harness.db.query(`select supaqueue.pause('exports')`)

    const program = new Function(
      'supabase',
      `return (async () => { ${code('text', 'supaqueue_enqueue')}\n return { job, status, cancelled } })()`,
    )
    const { job, status, cancelled } = await program(supabase)

    expect(await harness.jobRow(job)).toMatchObject({ owner: user, payload: { month: '2026-10' }, status: 'cancelled' })
    expect(status).toMatchObject({ id: job, queue: 'exports', status: 'pending', progress_percent: null })
    expect(cancelled).toBe(true)
  } finally {
    await undo.run()
  }
})
