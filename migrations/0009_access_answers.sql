-- public.supaqueue_enqueue returns JSON, so that it can return a refusal and keep what the call was charged;
-- supaqueue.allow takes per_address. Locks no table.

drop function if exists public.supaqueue_enqueue(text, jsonb, text, timestamptz);
drop function if exists supaqueue_internal.enqueue_at_door(text, jsonb, text, timestamptz);
drop function if exists supaqueue.allow(text, text, integer, jsonb, integer, interval, boolean, boolean, boolean);
