-- Every column of access for users says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.door             is 'Which queues users may enqueue to, and on which terms. A queue without a row is closed.';
comment on column supaqueue.door.queue       is 'The queue.';
comment on column supaqueue.door.created_at  is 'When access was given.';
comment on column supaqueue.door.role        is 'anon: everybody who has the publishable key. authenticated: everybody who is signed in.';
comment on column supaqueue.door.max_bytes   is 'The largest payload, in bytes. The limit of the queue applies, too.';
comment on column supaqueue.door.per_minute  is 'How many jobs a user may enqueue in a minute. For anon: all of them together. Null: no limit; anon must have one.';
comment on column supaqueue.door.per_address is 'How many jobs one address may enqueue in a minute, besides per_minute. Null: no limit. It needs an address, which the platform sends.';
comment on column supaqueue.door.max_delay   is 'How far in the future run_at may be.';
comment on column supaqueue.door.may_cancel  is 'Whether users may cancel their own jobs that have not started.';
comment on column supaqueue.door.may_signal  is 'The names of the signals that users may send to their own jobs. Empty: none.';
comment on column supaqueue.door.show_result is 'Whether users see the results of their own jobs.';

comment on table  supaqueue.door_use         is 'How much of per_minute each user has used.';
comment on column supaqueue.door_use.queue   is 'The queue.';
comment on column supaqueue.door_use.role    is 'The role.';
comment on column supaqueue.door_use.who     is 'The user, or a uuid made from the address. All zeros: all users of anon together.';
comment on column supaqueue.door_use.free_at is 'When the user has the whole limit again. Each job moves it further away.';
