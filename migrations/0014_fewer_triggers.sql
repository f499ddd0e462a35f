-- Triggers whose work others do as well. PostgreSQL copies all triggers of a table, and
-- reads the conditions of many, for every statement that writes it.

drop function if exists supaqueue.on_job_enqueued() cascade;
drop function if exists supaqueue.on_job_moved() cascade;
drop function if exists supaqueue.on_job_keyed() cascade;
drop function if exists supaqueue.on_job_overridden() cascade;
drop function if exists supaqueue.on_job_put_back() cascade;
drop function if exists supaqueue.on_worker_added() cascade;
drop trigger if exists on_job_inserted_overridden on supaqueue.job;
drop function if exists supaqueue.assert_keys(supaqueue.job);
drop function if exists supaqueue.keeps_keys(uuid);
