import { createClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listenAs, type Listener } from '../../../../../supabase/functions/_shared/supaqueue/live.ts'
import { until } from '../../../../faults/support/scene.ts'
import { makeRealtime } from './support/realtime.ts'

// The client is that of supabase-js; only what is behind its socket is ours.

let realtime: ReturnType<typeof makeRealtime>
let supabase: ReturnType<typeof connect>

const connect = ({ transport }: ReturnType<typeof makeRealtime>) =>
  createClient('http://project.test', 'sb_publishable_key', {
    accessToken: () => Promise.resolve('the token of ada'),
    realtime: { transport },
  })

beforeEach(() => {
  realtime = makeRealtime()
  supabase = connect(realtime)
})

afterEach(() => supabase.realtime.disconnect())

/** Somebody who notes what is heard. */
function note() {
  const said: (number | boolean)[] = []
  return { said, heard: (job: number) => void said.push(job), live: (on: boolean) => void said.push(on) } satisfies
    & Listener
    & { said: unknown }
}

describe('listening', () => {
  test('joins the private topic of the user, by their own token, and hears of their jobs', async () => {
    const ada = note()

    listenAs(supabase, 'ada')(ada)
    await until(() => ada.said.length > 0)
    realtime.tell('supaqueue:ada', 'job', { job: 17, status: 'success' })
    realtime.tell('supaqueue:ada', 'chat', { job: 18 })

    expect(ada.said).toEqual([true, 17])
    const [join] = realtime.heard.filter(({ event }) => event === 'phx_join')
    expect(join).toMatchObject({
      topic: 'realtime:supaqueue:ada',
      payload: { config: { private: true }, access_token: 'the token of ada' },
    })
  })

  test('of several is one channel, which is left with the last of them', async () => {
    const [first, second] = [note(), note()]

    const stopFirst = listenAs(supabase, 'ada')(first)
    await until(() => first.said.length > 0)
    const stopSecond = listenAs(supabase, 'ada')(second)
    realtime.tell('supaqueue:ada', 'job', { job: 17 })
    stopFirst()
    realtime.tell('supaqueue:ada', 'job', { job: 18 })
    stopSecond()
    await until(() => realtime.doors().length === 2)

    expect(first.said).toEqual([true, 17])
    expect(second.said).toEqual([true, 17, 18])
    expect(realtime.doors()).toEqual(['phx_join realtime:supaqueue:ada', 'phx_leave realtime:supaqueue:ada'])
  })

  test('begins anew at once after it was ended', async () => {
    const [first, second] = [note(), note()]
    const stop = listenAs(supabase, 'ada')(first)
    await until(() => first.said.length > 0)

    stop()
    listenAs(supabase, 'ada')(second)
    await until(() => second.said.length > 0)
    realtime.tell('supaqueue:ada', 'job', { job: 17 })

    expect(second.said).toEqual([true, 17])
    expect(first.said).toEqual([true])
  })

  test('waits until the client has let go of the channel that it left', async () => {
    const made: string[] = []
    let letGo = () => {}
    const channel = { on: () => channel, subscribe: (changed: (status: string) => void) => changed('SUBSCRIBED') }
    const client = {
      rpc: () => {},
      schema: () => {},
      channel: (topic: string) => (made.push(topic), channel),
      removeChannel: () => new Promise<void>((resolve) => letGo = resolve),
    }
    const listen = listenAs(client, 'ada')

    const stop = listen(note())
    await until(() => made.length === 1)
    stop()
    listen(note())
    await new Promise(setImmediate)
    expect(made).toHaveLength(1)
    letGo()

    await until(() => made.length === 2)
  })

  test('that is refused says so', async () => {
    realtime.refuse()
    const ada = note()

    listenAs(supabase, 'ada')(ada)
    await until(() => ada.said.length > 0)

    expect(ada.said).toEqual([false])
  })
})
