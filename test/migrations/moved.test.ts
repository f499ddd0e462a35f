import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { applyDatabase } from '../../scripts/cli/database/apply.ts'
import { openScene, type Scene, until } from '../faults/support/scene.ts'
import { dump, restore, servers } from '../support/dump.ts'

// Two projects from one dump, both with all that calls: what docs/backup.md says of a copy, from the dump to the last job.

if (servers().length === 0) test.skip('there is no pg_dump on this machine')

describe.each(servers())(
  'a project whose dump was restored where Vault has another key, PostgreSQL %i',
  (version, programs) => {
    const scenes: Scene[] = []
    afterAll(async () => {
      for (const scene of scenes) await scene.close()
    })

    test('takes jobs in, calls nobody until it is told to, and then goes on where the dump was; the first goes on as ever', async () => {
      const first = await openScene({ postgresVersion: version })
      scenes.push(first)
      const queue = await first.queue()
      await first.job(queue, { n: 'ended' })
      await first.untilEnded(queue)
      const release = first.holdAnswers()
      await first.job(queue, { n: 'under way' })
      await first.untilCalled(2)
      await first.job(queue, { n: 'waiting' })
      const text = await dump(programs, first.stack.databaseUrl, [
        ...['public', 'supaqueue', 'supaqueue_internal'].flatMap((schema) => ['-n', schema]),
        '--quote-all-identifiers',
      ])
      const secrets = await dump(programs, first.stack.adminUrl, ['--data-only', '-t', 'vault.secrets'])

      const warnings: string[] = []
      const copy = await openScene({
        postgresVersion: version,
        async prepare({ adminUrl, ownerUrl }) {
          await restore(programs, ownerUrl, text.replace(/^CREATE SCHEMA "public";$/m, ''))
          await restore(programs, adminUrl, secrets)
          // An hour later, before anybody installed anything: the secret is there, and nobody can read it.
          const user = new pg.Client({ connectionString: ownerUrl })
          user.on('notice', ({ message }) => warnings.push(message!))
          await user.connect()
          await user.query(`update supaqueue.heartbeat set awake_until = awake_until - interval '1 hour'`)
          await user.query(`insert into supaqueue.job (queue, payload) values ($1, '{"n": "new"}')`, [queue])
          expect((await user.query('select from net.http_request_queue')).rowCount).toBe(0)
          await user.end()
          await applyDatabase(ownerUrl, undefined, ['api'])
        },
      })
      scenes.push(copy)
      expect(warnings.join()).toBe(
        'supaqueue cannot wake its dispatcher: pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext',
      )

      // Its dispatcher has come, and was sent away.
      await copy.pass('1 hour', queue)
      await copy.sweep()
      await until(async () => (await copy.db.query('select from supaqueue.home where not adopted')).rowCount === 1)
      const { rows: [health] } = await copy.db.query('select supaqueue.health()::text as found')
      expect(health.found).toMatch(/this database is a copy of/)
      expect(copy.witness.calls).toEqual([])

      // The first project is another's business.
      release()
      await first.untilEnded(queue)
      expect(first.witness.calls.map(({ payload }) => payload.n)).toEqual(['ended', 'under way', 'waiting'])

      await copy.db.query('select supaqueue.adopt()')
      await copy.pass('1 hour', queue)
      await copy.sweep()
      await copy.untilEnded(queue)

      expect(copy.witness.calls.map(({ payload }) => payload.n).sort()).toEqual(['new', 'under way', 'waiting'])
      expect(await copy.fates(queue)).toEqual(['success 1', 'success 2', 'success 1', 'success 1'])
      expect((await copy.db.query('select * from supaqueue.trouble')).rows).toEqual([])
      expect(first.witness.calls).toHaveLength(3)
    })
  },
)
