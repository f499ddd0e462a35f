-- enqueue_many takes debounce, max_wait and throttle. No table is locked.

drop function if exists supaqueue.enqueue_many(text, jsonb, text, text);
