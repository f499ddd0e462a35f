-- may_notify: whether a commit may carry a NOTIFY, as far as can be known before it.
--
-- An enqueue must not fail because dispatch is broken: a commit is refused when the server's queue of notifications is
-- full, which somebody who listens and never ends his transaction can bring about; and what was prepared for a two-phase
-- commit may notify nobody. Whoever is not told looks by himself.

create or replace function supaqueue_internal.may_notify()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return current_setting('max_prepared_transactions') = '0' and pg_notification_queue_usage() < 0.5;
end;
$$;

comment on function supaqueue_internal.may_notify() is 'Whether a commit may carry a NOTIFY.';
