import { roundTrip } from '../project/round_trip.ts'
import { tryWake } from '../project/wake.ts'
import { BUSY, type Check, fine, INSTALL, wrong } from './check.ts'

/** From Postgres through pg_net to the dispatcher, the signature included. */
export const wakeUpCheck = (deadlineMs = 15_000): Check => ({
  name: 'wake',
  edge: true,
  needs: ['schema', 'pg_net', 'vault', 'functions url'],
  async inspect({ db, unmanaged }) {
    const outcome = await tryWake(db, deadlineMs)
    if (outcome.kind === 'not posted') {
      return wrong('no wake-up can be posted: the secret or the setting functions_url is missing', INSTALL)
    }
    if (outcome.kind === 'forgotten') {
      return fine(`sent; what came of it pg_net forgets too soon to tell (pg_net.ttl is ${outcome.ttl})`)
    }
    if (outcome.kind === 'waiting') {
      const { ahead, moved, seconds } = outcome
      if (ahead === 0 || moved === 0) {
        return wrong(
          `pg_net did not send a wake-up within ${seconds} s, nor anything else`,
          'select net.worker_restart();',
        )
      }
      return wrong(
        `pg_net is busy with requests of others: a wake-up waits behind ${ahead}, at the pace of now another ${
          Math.ceil(ahead * seconds / moved)
        } s. supaqueue is whole; its jobs begin as late`,
        BUSY,
      )
    }
    if (outcome.kind === 'failed') {
      return wrong(
        `pg_net could not bring a wake-up to the dispatcher: ${outcome.error}`,
        'select * from supaqueue.setting; then look at functions_url',
      )
    }
    const { status, body } = outcome
    if (status === 202) return fine('signed, sent and taken')
    if (body.code === 'SQ401') {
      return wrong(
        'the dispatcher refused the signature of a wake-up: it has another secret',
        unmanaged
          ? `Set SUPAQUEUE_SECRET of the functions to what Vault has (select decrypted_secret from vault.decrypted_secrets where name = 'supaqueue_secret';)`
          : 'pnpm supaqueue:rotate-secret',
      )
    }
    if (status === 401 || status === 403) {
      return wrong(
        'the platform turned a wake-up away before the function: its check of JWTs (verify_jwt) is on',
        unmanaged ? 'supabase functions deploy supaqueue --no-verify-jwt' : INSTALL,
      )
    }
    if (status === 404) return wrong('the platform knows no function supaqueue', INSTALL)
    return wrong(
      `the dispatcher answered a wake-up with ${status}: ${body.message ?? 'no reason'}`,
      body.hint ?? 'Look at the logs of the function supaqueue',
    )
  },
})

/** All the way: a test job is enqueued, called and reported. */
export const roundTripCheck = (deadlineMs: number): Check => ({
  name: 'round trip',
  edge: true,
  needs: ['wake'],
  async inspect({ db }) {
    const result = await roundTrip(db, deadlineMs)
    if (result.kind === 'back') return fine(`a test job came back after ${result.ms} ms`)
    const within = `within ${Math.round(deadlineMs / 1000)} s`
    if (result.kind === 'not begun') {
      return wrong(
        `the dispatcher took the wake-up, but no turn ${within}: it cannot reach the database through the Data API`,
        'Look for "turn failed" in the logs of the function supaqueue',
      )
    }
    if (result.kind === 'not reported') {
      return wrong(`the job was called, but not reported ${within}`, 'Look at the logs of the function supaqueue')
    }
    return wrong(`the test job came back with: ${result.error}`, 'Look at the logs of the function supaqueue')
  },
})
