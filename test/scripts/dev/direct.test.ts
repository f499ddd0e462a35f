import pg from 'pg'
import { expect, test } from 'vitest'
import { startStack } from '../../../scripts/dev/stack.ts'
import { until } from '../../support/until.ts'

test('a dispatcher of the stack that is given a connection takes turns over it', async () => {
  const logs: string[] = []
  const stack = await startStack({ direct: true, log: (line) => void logs.push(line) })
  const db = new pg.Client({ connectionString: stack.databaseUrl })
  try {
    await db.connect()
    await db.query(`select supaqueue.create_queue('hello', workers => 1)`)
    await until(async () => {
      await db.query(`select supaqueue.enqueue('hello', '{}')`)
      const { rows } = await db.query(`select from pg_stat_activity where application_name = 'supaqueue dispatcher'`)
      return rows.length > 0 || logs.some((line) => line.includes('SUPAQUEUE_DB_URL'))
    })

    expect(logs.filter((line) => line.includes('SUPAQUEUE_DB_URL'))).toEqual([])
  } finally {
    await db.end()
    await stack.stop()
  }
})
