import { expect } from 'vitest'
import { test } from '../../../support/harness.ts'

test.for(
  [
    ['https://API.Example.com/a', 'api.example.com'],
    ['https://api.example.com:443/a', 'api.example.com'],
    ['https://api.example.com:0443', 'api.example.com'],
    ['http://api.example.com:443?a', 'api.example.com:443'],
    ['http://api.example.com:80', 'api.example.com'],
    ['https://[2001:DB8::1]:8443/', '[2001:db8::1]:8443'],
    ['https://good.example\\evil.example/', 'good.example'],
    ['https://u:p@evil.example/', null],
    ['ftp://a.example/', null],
    ['/a', null],
  ] as const,
)('the host of %s is %s', async ([url, host], { harness }) => {
  expect((await harness.db.query('select supaqueue_internal.host_of($1) as host', [url])).rows).toEqual([{ host }])
})
