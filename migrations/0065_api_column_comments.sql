-- Every column of the HTTP API's tables says what it holds. A comment locks no table against reads and writes.

comment on column supaqueue.api_key.id           is 'Set by the database.';
comment on column supaqueue.api_key.created_at   is 'When the key was created.';
comment on column supaqueue.api_key.name         is 'A name for people.';
comment on column supaqueue.api_key.hash         is 'The SHA-256 of the key, in hexadecimal. The key itself is not stored.';
comment on column supaqueue.api_key.scopes       is 'What the key may do: enqueue, read, control, metrics.';
comment on column supaqueue.api_key.max_rps      is 'How many requests per second it may send. Null: no limit.';
comment on column supaqueue.api_key.burst        is 'How many requests it may send at once after a quiet time.';
comment on column supaqueue.api_key.free_at      is 'When it may send the next request.';
comment on column supaqueue.api_key.expires_at   is 'The key is refused from this time on. Null: never.';
comment on column supaqueue.api_key.last_used_at is 'When the key was last used. Without max_rps, this is to the minute.';

comment on column supaqueue.api_answer.created_at   is 'When the request came.';
comment on column supaqueue.api_answer.caller       is 'The id of the api_key. Empty: the key of the project.';
comment on column supaqueue.api_answer.key          is 'The Idempotency-Key of the request.';
comment on column supaqueue.api_answer.queue        is 'The queue of the request. When it is deleted, the answer is no longer valid.';
comment on column supaqueue.api_answer.request_hash is 'The SHA-256 of method, path and body. Another request with the same key is an error.';
