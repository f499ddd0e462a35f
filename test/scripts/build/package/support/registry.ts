import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Registry = { url: string; stop(): Promise<void> }

/**
 * A registry that has one package published, from its tarball, and leads on to another registry for all others: so that what is
 * not published yet can be fetched by its name, by npm, npx and Deno alike.
 */
export async function startRegistry(
  tarball: string,
  about: { name: string; version: string },
  others: string,
): Promise<Registry> {
  const body = readFileSync(tarball)
  const file = `/${about.name}/-/${about.name}-${about.version}.tgz`
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '')
    if (path === file) return void response.end(body)
    if (path === `/${about.name}`) {
      const dist = {
        tarball: `${url}${file}`,
        shasum: createHash('sha1').update(body).digest('hex'),
        integrity: `sha512-${createHash('sha512').update(body).digest('base64')}`,
      }
      response.setHeader('content-type', 'application/json')
      return void response.end(JSON.stringify({
        name: about.name,
        'dist-tags': { latest: about.version },
        versions: { [about.version]: { ...about, dist } },
        time: { [about.version]: '2026-01-01T00:00:00.000Z' },
      }))
    }
    response.writeHead(307, { location: new URL(`.${request.url}`, others).href }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
