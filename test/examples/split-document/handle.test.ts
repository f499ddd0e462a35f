import { describe, expect, test } from 'vitest'
import { type Deps, runtime } from '../../../supabase/functions/_shared/supaqueue/deps.ts'
import { handle } from '../../../examples/supabase/functions/split-document/handle.ts'

type Sent = { name: string; args: Record<string, unknown> }

/** Deps whose database gives ids to what is enqueued, but tells of so many only; or refuses everything. */
function deps(sent: Sent[], status = 200, told = Infinity): Deps {
  return {
    ...runtime,
    env: (name) => ({ SUPABASE_URL: 'http://localhost', SUPABASE_SECRET_KEY: 'sb_secret_x' })[name],
    fetch: async (url, init) => {
      const args = await new Response(init!.body).json()
      sent.push({ name: String(url).split('/').at(-1)!, args })
      const answer = args.jobs ? args.jobs.slice(0, told).map((_: unknown, i: number) => ({ id: 100 + i })) : 3
      return Response.json(status === 200 ? answer : { message: 'no' }, { status })
    },
  }
}

const call = (from: Deps) =>
  handle(
    new Request('http://localhost/split-document', {
      method: 'POST',
      headers: { 'supaqueue-job-id': '17' },
      body: JSON.stringify({ text: 'One.\n\nTwo.', queue: 'paragraphs', merge: 18 }),
    }),
    from,
  )

describe('split-document', () => {
  test('enqueues a job for each paragraph, and has the last job wait for them', async () => {
    const sent: Sent[] = []

    const response = await call(deps(sent))

    expect(await response.json()).toEqual({ paragraphs: 3 })
    expect(sent).toMatchObject([
      {
        name: 'enqueue_many',
        args: { queue: 'paragraphs', jobs: [{ payload: { text: 'One.' } }, { payload: { text: 'Two.' } }, {}] },
      },
      { name: 'depend', args: { target: 18, sources: [100, 101, 102], on_failure: 'run' } },
    ])
  })

  test('enqueues nothing twice when it is called again', async () => {
    const sent: Sent[] = []

    await call(deps(sent))
    await call(deps(sent))

    const keys = sent.filter(({ name }) => name === 'enqueue_many').map(({ args }) =>
      (args.jobs as { dedupe_key: string }[]).map((job) => job.dedupe_key)
    )
    expect(keys).toEqual([['17/1', '17/2', '17/3'], ['17/1', '17/2', '17/3']])
    expect(sent[0]!.args.on_conflict).toBe('skip')
  })

  test('fails when it is not told of every job that it enqueued', async () => {
    await expect(call(deps([], 200, 2))).rejects.toThrow('told of 2 of 3')
  })

  test('fails when the database does, so that it is tried again', async () => {
    await expect(call(deps([], 500))).rejects.toThrow('enqueue_many')
  })
})
