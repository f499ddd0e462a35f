import type { House } from '../dispatcher.ts'
import { answerRefusal, Refusal } from './refusal.ts'
import { readBytes, readTick } from './wake_up.ts'

/**
 * One tick: is it the database, what does it say, start a run, answer 202 at once.
 * `open` gives the house, or throws a `Refusal` when the dispatcher is not set up.
 */
export const makeHandle = (open: () => House) => async (request: Request): Promise<Response> => {
  try {
    if (request.method !== 'POST') {
      throw new Refusal(405, 'a tick is a POST', 'The database posts ticks by itself. There is nothing to see here.')
    }
    const house = open()
    const body = await readBytes(request)
    await house.verify(request, body)
    const run = house.start(readTick(body))
    return Response.json({ run }, { status: 202 })
  } catch (reason) {
    if (!(reason instanceof Refusal)) throw reason
    return answerRefusal(reason)
  }
}
