-- public.supaqueue_signal returns JSON, so that it can return a refusal and keep what the call was charged. Locks no table.

drop function if exists public.supaqueue_signal(bigint, text, jsonb, text);
