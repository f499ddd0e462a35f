-- Every column of a subscription says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.subscription            is 'Which topics become jobs of which queues. subscribe and unsubscribe write it.';
comment on column supaqueue.subscription.id         is 'Set by the database.';
comment on column supaqueue.subscription.created_at is 'When the subscription was made.';
comment on column supaqueue.subscription.queue      is 'The queue that gets the jobs.';
comment on column supaqueue.subscription.pattern    is 'Words with dots between them. * stands for one word, ** at the end for one or more.';
