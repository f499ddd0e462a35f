-- Every column of rate limits and circuits says what it holds. A comment locks no table against reads and writes.

comment on table  supaqueue.rate_limit            is 'How many jobs may start per second. A queue names one limit. Several queues may share it.';
comment on column supaqueue.rate_limit.name       is 'Unique. Queues name it in rate_limit.';
comment on column supaqueue.rate_limit.created_at is 'When the limit was created.';
comment on column supaqueue.rate_limit.updated_at is 'When the limit was last changed.';
comment on column supaqueue.rate_limit.max_rps    is 'How many jobs start per second. It may be a fraction: 0.2 is one job in five seconds.';
comment on column supaqueue.rate_limit.burst      is 'How many jobs may start at once after a quiet time.';
comment on column supaqueue.rate_limit.free_at    is 'When the next job may start. Jobs start one after another, at even distances.';

comment on table  supaqueue.circuit            is 'Targets that lately deferred calls or could not be reached. While a circuit is open, its target is not called. A target that takes calls has no row.';
comment on column supaqueue.circuit.opened_at  is 'When the circuit opened. Null: it is closed.';
comment on column supaqueue.circuit.open_until is 'Until then nothing is called. After that, one job tries the target. Null: the circuit is closed.';
comment on column supaqueue.circuit.openings   is 'How often in a row the circuit opened. It stays open longer each time.';
comment on column supaqueue.circuit.refused_at is 'When the target last deferred a call, or could not be reached.';
comment on column supaqueue.circuit.failures   is 'How often in a row the target deferred a call, or could not be reached.';
comment on column supaqueue.circuit.tried_at   is 'When the job began that tries the target. Null: no job does.';
