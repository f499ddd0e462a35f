-- Where a job comes from: what a module makes jobs of says so on each of them.

-- No default, so that nothing is rewritten: the table is locked for a moment.
alter table supaqueue.job add column origin jsonb;

comment on column supaqueue.job.origin is 'What a module made it of: an object of text values, sent with the call as headers supaqueue-<key>. Nobody who row level security binds can set it.';
