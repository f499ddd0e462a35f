import pg from 'pg'
import type { Finding, Scenario } from '../scenario.ts'
import { withStack } from '../stack.ts'
import { spread } from '../stats.ts'

const connections = [1, 10]

export const commits: Scenario = {
  name: 'commits',
  about: 'single-row commits per second: what the database itself can do',
  measure: ({ options, say }) =>
    withStack({}, async ({ databaseUrl }) => {
      const rounds = options.rounds ?? (options.quick ? 1 : 3)
      const samples: Record<number, number[]> = {}
      const db = new pg.Client({ connectionString: databaseUrl })
      await db.connect()
      await db.query('create table bench_commit (id bigint generated always as identity primary key, payload jsonb)')
      for (let round = 0; round < rounds; round++) {
        for (const many of connections) {
          const perSecond = await insertsPerSecond(databaseUrl, many, options.quick ? 500 : 2000)
          ;(samples[many] ??= []).push(perSecond)
          say(`round ${round + 1}/${rounds}: ${many} connections, ${Math.round(perSecond)}/s`)
        }
      }
      await db.end()
      return finding(samples)
    }),
}

const finding = (samples: Record<number, number[]>): Finding => ({
  tables: [{
    title: 'Single-row commits per second, plain table with a primary key',
    columns: ['connections', 'commits/s: median (spread)'],
    rows: Object.entries(samples).map(([many, perSecond]) => [many, spread(perSecond)]),
    notes: ['A loop in one Node process over the pg driver; synchronous_commit on, fsync off as in all scenarios.'],
  }],
  targets: [],
  samples,
})

async function insertsPerSecond(databaseUrl: string, many: number, ms: number): Promise<number> {
  const clients = Array.from({ length: many }, () => new pg.Client({ connectionString: databaseUrl }))
  await Promise.all(clients.map((client) => client.connect()))
  const insert = (client: pg.Client) =>
    client.query({ name: 'insert', text: 'insert into bench_commit (payload) values ($1)', values: ['{"arg1":"val"}'] })
  await Promise.all(clients.map(insert))

  let done = 0
  const from = performance.now()
  await Promise.all(clients.map(async (client) => {
    while (performance.now() - from < ms) {
      await insert(client)
      done++
    }
  }))
  const seconds = (performance.now() - from) / 1000
  await Promise.all(clients.map((client) => client.end()))
  return done / seconds
}
