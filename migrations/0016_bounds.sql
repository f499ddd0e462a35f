-- Bounds: what no arithmetic of ours, and no reader's, survives cannot be written by anybody.

update supaqueue.job
set attempts = least(job.attempts, 1000000), deferrals = least(greatest(job.deferrals, 0), 1000000)
where job.attempts > 1000000 or job.deferrals not between 0 and 1000000;

alter table supaqueue.job
  drop constraint if exists job_attempts_is_not_negative,
  add constraint job_attempts_and_deferrals_are_at_most_a_million
    check (attempts between 0 and 1000000 and deferrals between 0 and 1000000),
  add constraint job_id_fits_javascript
    check (id between 1 and 9007199254740991);

-- Keys of end users are theirs by a beginning that nobody else can write.
update supaqueue.job set dedupe_key = 'supaqueue-user:' || job.dedupe_key
where job.owner is not null and starts_with(job.dedupe_key, job.owner || ':');

update supaqueue.door set per_minute = 60 where door.role = 'anon' and door.per_minute is null;

alter table supaqueue.door
  add constraint door_of_anon_has_a_limit
    check (role <> 'anon' or per_minute is not null);

comment on column supaqueue.door.per_minute is 'How many jobs one user may enqueue in a minute; of anon, all together. Null, which anon cannot have: as many as they like.';
