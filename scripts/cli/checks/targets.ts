import { type Check, fine, wrong } from './check.ts'

/** What the headers of queues name as `vault:<name>`, and what signs calls to URLs: their jobs wait without it. */
export const queueSecretsCheck: Check = {
  name: 'queue secrets',
  edge: true,
  needs: ['schema', 'extensions'],
  async inspect({ db }) {
    const missing = await db.query<{ queue: string; secret: string; fix: string }>(`
      select queue.name as queue, named.secret,
        format('select vault.create_secret(%L, %L);', '<the secret>', named.secret) as fix
      from supaqueue.queue
      cross join lateral (
        select (supaqueue_internal.signing_secrets_of(queue))[1] as secret where queue.url is not null and queue.signing_secrets is null
        union
        select unnest(queue.signing_secrets) where queue.url is not null
        union
        select substr(header.value, 7) from jsonb_each_text(queue.default_headers) as header where header.value like 'vault:%'
      ) as named
      where not exists (select from vault.secrets where secrets.name = named.secret)
      order by queue.name, named.secret limit 5`)
    const [first] = missing
    if (!first) return fine('Vault has all that queues name')
    return wrong(missing.map(({ queue, secret }) => `${queue}: Vault has no secret ${secret}`).join('; '), first.fix)
  },
}
