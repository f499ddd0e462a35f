-- Subscriptions: what is published under a topic becomes a job of each queue that subscribed. Locks nothing but what it makes.

create table supaqueue.subscription (
  id         uuid        primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  pattern    text        not null,
  queue      uuid        not null,
  filter     jsonb,

  constraint subscription_of_a_queue_is_one_per_pattern
    unique (pattern, queue),
  constraint subscription_belongs_to_a_queue
    foreign key (queue) references supaqueue.queue on update cascade on delete cascade,
  constraint subscription_pattern_is_words_and_stars
    check (pattern ~ '^([A-Za-z0-9_-]+|\*)(\.([A-Za-z0-9_-]+|\*)){0,7}(\.\*\*)?$|^\*\*$' and octet_length(pattern) <= 200),
  constraint subscription_filter_is_an_object
    check (jsonb_typeof(filter) = 'object'),
  constraint subscription_created_at_is_in_1900_to_9999
    check (created_at between '1900-01-01 00:00:00+00' and '9999-12-31 23:59:59+00')
);

comment on table  supaqueue.subscription         is 'Which topics become jobs of which queues. Written by subscribe and unsubscribe.';
comment on column supaqueue.subscription.pattern is 'Words with dots between them. * stands for one word, ** at the end for one or more.';
comment on column supaqueue.subscription.filter  is 'Only payloads that contain this. Null: any.';

create index subscription_by_queue on supaqueue.subscription (queue);

alter table supaqueue.subscription enable row level security;

revoke all on supaqueue.subscription from public, anon, authenticated;
grant select, insert, update, delete on supaqueue.subscription to service_role;
