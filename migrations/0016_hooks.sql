-- Row hooks: changes of a table become jobs.

create table supaqueue.hook (
  id          uuid        primary key default gen_random_uuid(),
  created_at  timestamptz not null default now(),
  name        text        not null,
  queue       uuid        not null,
  schema_name text        not null,
  table_name  text        not null,
  events      text[]      not null,
  columns     text[],
  ignore      text[],
  condition   text,
  payload     text        not null default 'full',
  soft        boolean     not null default false,
  enabled     boolean     not null default true,
  off_since   timestamptz,
  off_reason  text,

  constraint hook_name_is_unique
    unique (name),
  constraint hook_name_is_plain_and_at_most_63_bytes
    check (name ~ '^[!-~]([ -~]*[!-~])?$' and octet_length(name) <= 63),
  constraint hook_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint hook_events_are_known
    check (events <@ '{insert, update, delete, truncate}' and cardinality(events) > 0),
  constraint hook_payload_is_full_changes_or_keys
    check (payload in ('full', 'changes', 'keys')),
  constraint hook_off_since_is_when_it_is_not_enabled
    check (enabled = (off_since is null)),
  constraint hook_times_are_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and off_since between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.hook             is 'Which changes of which table become jobs of which queue. Written by on_change and off_change, which keep the triggers with it.';
comment on column supaqueue.hook.table_name  is 'The table as it was called when the hook was made.';
comment on column supaqueue.hook.events      is 'Which changes: insert, update, delete, truncate.';
comment on column supaqueue.hook.columns     is 'An update counts when one of these changed. Null: any.';
comment on column supaqueue.hook.ignore      is 'An update that changed only these does not count.';
comment on column supaqueue.hook.condition   is 'The `when` of on_change: SQL over new and old.';
comment on column supaqueue.hook.payload     is 'full: both rows; changes: of the old row only what changed; keys: only the primary keys.';
comment on column supaqueue.hook.soft        is 'Whether the write goes on when its job cannot be enqueued. hook_fault counts what is lost.';
comment on column supaqueue.hook.enabled     is 'False: changes are not captured. Written by pause_hook and resume_hook.';
comment on column supaqueue.hook.off_since   is 'Since when it captures nothing.';

create index hook_by_queue on supaqueue.hook (queue);

create table supaqueue.hook_fault (
  id       bigint      generated always as identity primary key,
  hook     uuid        not null,
  noted_at timestamptz not null default clock_timestamp(),
  code     text        not null,
  reason   text        not null,
  lost     bigint      not null default 0,

  constraint hook_fault_is_of_a_hook
    foreign key (hook) references supaqueue.hook on update cascade on delete cascade,
  constraint hook_fault_noted_at_is_in_1900_to_9999
    check (noted_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'),
  constraint hook_fault_lost_is_not_negative
    check (lost between 0 and 9007199254740991)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table  supaqueue.hook_fault        is 'What a hook could not do as it was told. The write went on.';
comment on column supaqueue.hook_fault.code   is 'The SQLSTATE.';
comment on column supaqueue.hook_fault.lost   is 'How many changes of a soft hook did not become jobs. 0: all did, and filters counted as passed.';

create index hook_fault_by_hook on supaqueue.hook_fault (hook, noted_at);

alter table supaqueue.hook enable row level security;
alter table supaqueue.hook_fault enable row level security;

revoke all on supaqueue.hook, supaqueue.hook_fault from public, anon, authenticated;
-- What stands in a hook is run as the owner: nobody else writes it.
grant select on supaqueue.hook to service_role;
grant select, delete on supaqueue.hook_fault to service_role;
