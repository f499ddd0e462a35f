import { type Check, fine, wrong } from './check.ts'

type Published = { name: string; all: boolean; schemas: string[]; tables: string[] }

/**
 * Tables of supaqueue that a publication brings out of the database. Through Realtime whoever has the publishable key hears of each
 * change that there was one, and when; and of a deleted row its key. Any other publication carries payloads and results to its subscribers.
 * A Database Webhook carries whole rows into the queue of pg_net, which every role of the database may read.
 */
export const publicationsCheck: Check = {
  name: 'publications',
  needs: ['schema'],
  async inspect({ db }) {
    const found = await db.query<Published>(
      `select * from (
         select p.pubname::text as name, p.puballtables as "all",
           array(select format('%I', n.nspname) from pg_publication_namespace as s join pg_namespace as n on n.oid = s.pnnspid
             where s.pnpubid = p.oid and n.nspname in ('supaqueue', 'supaqueue_internal')) as schemas,
           array(select t.prrelid::regclass::text from pg_publication_rel as t join pg_class as c on c.oid = t.prrelid
             where t.prpubid = p.oid and c.relnamespace = to_regnamespace('supaqueue') order by 1) as tables
         from pg_publication as p
       ) as known
       where known."all" or cardinality(known.schemas) > 0 or cardinality(known.tables) > 0
       order by known.name`,
    )
    const realtime = found.find(({ name }) => name === 'supabase_realtime')
    if (realtime) {
      return wrong(
        `Realtime brings tables of supaqueue to whoever subscribes (${
          whatOf(realtime)
        }): it tells everybody when jobs change, and the ids of those that are deleted`,
        takenOut(realtime),
      )
    }
    const [webhook] = await db.query<{ name: string; table: string }>(
      `select format('%I', t.tgname) as name, c.oid::regclass::text as "table"
       from pg_trigger as t join pg_class as c on c.oid = t.tgrelid join pg_proc as p on p.oid = t.tgfoid
       where c.relnamespace = to_regnamespace('supaqueue') and not t.tgisinternal and t.tgenabled <> 'D'
         and p.proname = 'http_request' and p.pronamespace = (select oid from pg_namespace where nspname = 'supabase_functions')
       order by 2, 1 limit 1`,
    )
    if (webhook) {
      return wrong(
        `the Database Webhook ${webhook.name} on ${webhook.table} puts whole rows, payloads among them, into net.http_request_queue, which every role of the database may read`,
        `drop trigger ${webhook.name} on ${webhook.table}; What has to follow a job is another job: docs/reference/pipelines.md. Of trouble, alerts tell`,
      )
    }
    if (found.length === 0) return fine('none has tables of supaqueue')
    return fine(`${found.map(({ name }) => name).join(', ')}: payloads and results of jobs go to whoever subscribes`)
  },
}

const whatOf = ({ all, schemas, tables }: Published): string =>
  all ? 'for all tables' : schemas.length > 0 ? `all tables in ${schemas.join(', ')}` : tables.join(', ')

const takenOut = ({ all, schemas, tables }: Published): string =>
  all
    ? 'drop publication supabase_realtime; create publication supabase_realtime; and add the tables that your app listens to. For jobs of a user: supaqueue.allow(..., live => true)'
    : `alter publication supabase_realtime drop ${
      [...schemas.map((name) => `tables in schema ${name}`), ...tables.length > 0 ? [`table ${tables.join(', ')}`] : []]
        .join(', ')
    }; For jobs of a user: supaqueue.allow(..., live => true)`
