import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { installStandIns } from '../../../scripts/dev/standins/standins.ts'

/** A database with what a Supabase project has in it, and no supaqueue; or the one that the cluster's URLs name. */
export async function bareDatabase(which: 'own' | 'as it is') {
  const cluster = inject('cluster')
  if (which === 'as it is') return { ...cluster, installed: await installStandIns(cluster.adminUrl), drop: () => {} }
  const name = `hosted_${randomBytes(6).toString('hex')}`
  const admin = async (sql: string) => {
    const client = new pg.Client({ connectionString: cluster.adminUrl })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  const named = (text: string) => {
    const url = new URL(text)
    url.pathname = `/${name}`
    return url.href
  }
  await admin(`create database ${name} owner postgres`)
  const installed = await installStandIns(named(cluster.adminUrl))
  return {
    adminUrl: named(cluster.adminUrl),
    ownerUrl: named(cluster.ownerUrl),
    authenticatorUrl: named(cluster.authenticatorUrl),
    installed,
    drop: () => admin(`drop database if exists ${name} with (force)`),
  }
}
