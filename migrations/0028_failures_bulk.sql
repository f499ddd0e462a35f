-- Failures: what was done to many failed jobs at once, so that it can be followed and taken back.

create table supaqueue.bulk_action (
  id         bigint           generated always as identity primary key,
  at         timestamptz      not null default clock_timestamp(),
  act        text             not null,
  queue      uuid             references supaqueue.queue on delete cascade,
  filter     jsonb            not null default '{}',
  per_second double precision,
  jobs       bigint[]         not null,
  before     jsonb            not null default '[]',
  undone_at  timestamptz,

  constraint bulk_action_act_is_known
    check (act in ('retry', 'discard')),
  constraint bulk_action_filter_is_an_object
    check (jsonb_typeof(filter) = 'object'),
  constraint bulk_action_before_is_an_array
    check (jsonb_typeof(before) = 'array'),
  constraint bulk_action_per_second_is_positive
    check (per_second between 0.000001 and 1e15),
  constraint bulk_action_times_are_in_1900_to_9999
    check (at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00'
      and undone_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.bulk_action            is 'What was done to many failed jobs at once. Written by retry_where, discard_where and undo_bulk; rows stay for a week.';
comment on column supaqueue.bulk_action.queue      is 'The queue whose jobs they are; null when a filter was over all queues.';
comment on column supaqueue.bulk_action.filter     is 'Which jobs were meant; functions/README.md has what it may name.';
comment on column supaqueue.bulk_action.per_second is 'How many of the jobs become due in a second; null: all at once.';
comment on column supaqueue.bulk_action.jobs       is 'The jobs that it was done to.';
comment on column supaqueue.bulk_action.before     is 'Of each job of a retry, in the same order, what it had when it failed.';
comment on column supaqueue.bulk_action.undone_at  is 'When it was taken back, as far as it could be.';

create index bulk_action_by_queue on supaqueue.bulk_action (queue) where queue is not null;
create index bulk_action_by_time on supaqueue.bulk_action (at);

alter table supaqueue.bulk_action enable row level security;

revoke all on supaqueue.bulk_action from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.bulk_action to service_role;
