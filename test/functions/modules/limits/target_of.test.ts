import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    [{ edge_function_name: 'hello' }, null, 'function hello'],
    [{ url: 'https://API.Example.com/v1' }, null, 'host api.example.com'],
    [{ url: 'https://api.example.com:443/v1' }, null, 'host api.example.com'],
    [{ url: 'http://api.example.com:8080' }, null, 'host api.example.com:8080'],
    [{ url: 'https://api.example.com/v1' }, 'https://eu.example.com/v1', 'host eu.example.com'],
    [{ mode: 'pull' }, null, null],
  ] as const,
)('a job of %j with the url %s calls %s', async ([settings, url, target], { harness }) => {
  const queue = await harness.queue(settings)

  const { rows } = await harness.db.query(
    'select supaqueue_internal.target_of(queue, $2) as target from supaqueue.queue where id = $1',
    [queue, url],
  )

  expect(rows).toEqual([{ target }])
})
