import type { Harness } from './harness.ts'

/**
 * What of Supabase's Realtime stands in the database: messages that are sent go into a table, whose policies say who may
 * listen to which topic. `owner` is a session of the owner.
 */
export async function standInForRealtime(owner: Harness): Promise<void> {
  await owner.db.query(`
    create schema realtime;
    create table realtime.messages (
      id uuid primary key default gen_random_uuid(), topic text not null, extension text not null, event text,
      payload jsonb, private boolean
    );
    alter table realtime.messages enable row level security;
    create function realtime.topic() returns text language sql stable as
      $$ select nullif(current_setting('realtime.topic', true), '') $$;
    create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
      language plpgsql as $$
      begin
        insert into realtime.messages (topic, extension, event, payload, private)
        values (send.topic, 'broadcast', send.event, send.payload, send.private);
      end; $$;
    grant usage on schema realtime to anon, authenticated;
    grant select on realtime.messages to anon, authenticated`)
}

/** What was sent to a topic, the oldest first. */
export async function sent(owner: Harness, topic: string) {
  const { rows } = await owner.db.query(
    `select event, private, payload from realtime.messages where topic = $1 order by ctid`,
    [topic],
  )
  return rows
}
