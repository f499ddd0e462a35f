-- Held jobs of a queue are found by an index, however many have ended: by cancel_where,
-- and by whoever lists them. No release is without it, so no big table is scanned for it.

create index job_held on supaqueue.job (queue, id) where status = 'held';
