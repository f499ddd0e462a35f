-- Fewer functions are called on the way of a job: each of these stands where it was used, or has one more argument. Locks no table.

drop function if exists supaqueue_internal.wake(uuid, bigint);
drop function if exists supaqueue_internal.note_wake(uuid);
drop function if exists supaqueue_internal.lock_sleep(uuid, boolean);
drop function if exists supaqueue_internal.record_attempts(jsonb, timestamptz);
drop function if exists supaqueue_internal.read_answer(text);
