import { expect } from 'vitest'
import { test } from '../../../support/own.ts'
import { answered, posted } from './wake_answers.ts'
import { findings, makeHealthy } from './healthy.ts'

const said = (code: string, message = '', hint = '') => JSON.stringify({ code, message, hint })

/** As pg_net says where the time of a request went. */
const timeout = (dns: string, handshake: string, answer: string) =>
  `Timeout of 2000 ms reached. Total time: 2001.179000 ms (DNS time: ${dns} ms, TCP/SSL handshake time: ${handshake} ms, HTTP Request/Response time: ${answer} ms)`

test.for(
  [
    ['secrets_differ', 401, said('SQ401', 'the signature of the wake-up is wrong'), /rotate-secret/],
    ['signature_lost', 401, said('SQ401', 'the wake-up is not signed'), /functions_url/],
    ['wake_ups_late', 403, said('SQ403', 'too old'), /http_request_queue/],
    ['dispatcher_not_set_up', 500, said('SQ500', 'SUPAQUEUE_SECRET is not set'), /supaqueue install/],
    ['dispatcher_refuses', 422, said('SQ422', 'no queue', 'do this'), /^do this$/],
    ['verify_jwt', 401, said('UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header'), /--no-verify-jwt/],
    ['verify_jwt', 401, '{"code": 401, "message": "Invalid JWT"}', /--no-verify-jwt/],
    ['dispatcher_missing', 404, said('NOT_FOUND', 'Requested function was not found'), /supaqueue install/],
    ['platform_limit', 429, said('RATE_LIMIT_EXCEEDED'), /sweep/],
    ['dispatcher_does_not_start', 503, said('BOOT_ERROR', 'Function failed to start'), /upgrade/],
    ['dispatcher_fails', 502, '<html>', /doctor/],
    ['dispatcher_unreachable', null, null, /functions_url/, 'could not connect'],
    ['dispatcher_unreachable', null, null, /functions_url/, timeout('1.2', '1999.1', '0.000000')],
    ['dispatcher_unreachable', null, null, /functions_url/, timeout('2001.179000', '0', '0.000000')],
    ['dispatcher_slow', null, null, /sweep/, timeout('11.658000', '12.811000', '1977.196000')],
    ['dispatcher_slow', null, null, /sweep/, timeout('0.05', '0.2', '0.9')],
    // Of older releases of pg_net.
    ['dispatcher_slow', null, null, /sweep/, 'Timeout was reached'],
  ] as const,
)('%s: an answer %s %s', async ([code, status, content, remedy, error], { database, harness }) => {
  await makeHealthy(database, harness)
  await answered(harness, await posted(harness), status, content, error)

  const [found] = await findings(harness)

  expect(found).toMatchObject({ code, severity: 'error', since: expect.any(String) })
  expect(found!.text).toMatch(/^no job is begun: wake-ups have been refused for \d+\.\d s \(1 so far\): /)
  expect(found!.remedy).toMatch(remedy)
})

test('says which of the two secrets was changed, by their fingerprints', async ({ database, harness }) => {
  await makeHealthy(database, harness)
  const { rows: [{ it: ours }] } = await harness.db.query('select supaqueue_internal.secret_fingerprint() as it')
  await answered(harness, await posted(harness), 401, said('SQ401', 'the signature of the wake-up is wrong'))
  const knows = (fingerprint: string) =>
    harness.db.query(`update supaqueue.dispatch set fingerprints = array[$1], run_at = now() - interval '3 minutes'`, [
      fingerprint,
    ])

  await knows(ours)
  expect((await findings(harness))[0]!.text).toContain('that of the functions was changed after 3 min ago')
  await knows('ffffffff')
  expect((await findings(harness))[0]!.text).toMatch(/that in Vault was changed \d+(\.\d)? (s|min|h) ago/)
})
