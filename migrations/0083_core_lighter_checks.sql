-- The same checks in fewer words: PostgreSQL reads all checks of a table anew for each statement that writes it, and a turn has
-- three such statements. Locks supaqueue.job and supaqueue.current_job for a moment and reads no row: what is there already
-- has passed the same checks, so they are not valid only by name.

alter table supaqueue.job
  drop constraint job_times_are_in_1900_to_9999,
  add constraint job_times_are_in_1900_to_9999 check (
    least(created_at, updated_at, finished_at, deferred_since) >= '1900-01-01 00:00:00+00'
    and greatest(created_at, updated_at, finished_at, deferred_since) <= '9999-12-31 23:59:59+00'
  ) not valid,
  drop constraint job_attempts_and_deferrals_are_at_most_a_million,
  add constraint job_attempts_and_deferrals_are_at_most_a_million
    check (least(attempts, deferrals) >= 0 and greatest(attempts, deferrals) <= 1000000) not valid,
  drop constraint job_lost_claims_and_repeats_are_at_most_a_million,
  add constraint job_lost_claims_and_repeats_are_at_most_a_million
    check (least(lost_claims, repeats) >= 0 and greatest(lost_claims, repeats) <= 1000000) not valid,
  drop constraint job_progress_percent_is_0_to_100,
  -- A numeric says so itself: an integer would be made one with each statement.
  add constraint job_progress_percent_is_0_to_100
    check (progress_percent between numeric '0' and numeric '100') not valid;

alter table supaqueue.current_job
  drop constraint current_job_times_are_in_1900_to_9999,
  add constraint current_job_times_are_in_1900_to_9999 check (
    least(created_at, begun_at, lease_until) >= '1900-01-01 00:00:00+00'
    and greatest(created_at, begun_at, lease_until) <= '9999-12-31 23:59:59+00'
  ) not valid;
