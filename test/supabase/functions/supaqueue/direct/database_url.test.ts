import { describe, expect, test } from 'vitest'
import { readDatabaseUrl } from '../../../../../supabase/functions/supaqueue/direct/database_url.ts'

describe('a database URL', () => {
  test('says where, as whom, and that the server has to prove who it is', () => {
    const { connection, pooled } = readDatabaseUrl('postgresql://postgres.ref:p%40ss@db.example.com:5432/shop')

    expect(connection).toMatchObject({
      host: 'db.example.com',
      port: 5432,
      user: 'postgres.ref',
      password: 'p@ss',
      database: 'shop',
      ssl: { rejectUnauthorized: true },
      options: expect.stringContaining('read\\ committed'),
    })
    expect(pooled).toBe(false)
  })

  test('by a certificate of its own, where one is given', () => {
    expect(readDatabaseUrl('postgres://u@db.example.com', { ca: 'PEM' }).connection)
      .toMatchObject({ ssl: { rejectUnauthorized: true, ca: 'PEM' }, port: 5432, database: 'postgres' })
  })

  test.each([
    ['localhost', false],
    ['127.0.0.1', false],
    ['[::1]', false],
    ['db', { rejectUnauthorized: true }],
    ['127.example.com', { rejectUnauthorized: true }],
    ['localhost.example.com', { rejectUnauthorized: true }],
    ['db.example.com?sslmode=require', { rejectUnauthorized: true }],
    ['db.example.com?sslmode=no-verify', { rejectUnauthorized: false }],
    ['db.example.com?sslmode=disable', false],
    ['localhost?sslmode=verify-full', { rejectUnauthorized: true }],
  ])('of %s', (rest, ssl) => {
    const [host, query = ''] = rest.split('?')
    expect(readDatabaseUrl(`postgres://u:p@${host}/postgres?${query}`).connection.ssl).toEqual(ssl)
  })

  test.each([
    ['postgres://u:p@aws.pooler.supabase.com:6543/postgres'],
    ['postgres://u:p@db.example.com:5432/postgres?pgbouncer=true'],
  ])('of a pooler by transactions prepares nothing and sets nothing: %s', (url) => {
    const { connection, pooled } = readDatabaseUrl(url)

    expect(pooled).toBe(true)
    expect(connection).not.toHaveProperty('options')
  })

  test.each([
    ['none', 'a secret that got here by mistake'],
    ['of something else', 'https://u:a-secret@example.com'],
    ['without a user', 'postgres://example.com'],
    ['of an unknown sslmode', 'postgres://u:a-secret@example.com?sslmode=prefer'],
    ['badly coded', 'postgres://u:a-secret%@example.com'],
  ])('that is %s is refused, and not told', (_, url) => {
    const read = () => readDatabaseUrl(url)

    expect(read).toThrow(expect.objectContaining({ code: 'SQ422', hint: expect.stringContaining('postgresql://') }))
    expect(read).toThrow('SUPAQUEUE_DB_URL')
    expect(read).not.toThrow('secret')
  })
})
