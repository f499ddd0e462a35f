-- try_again: what was set aside is tried again at once.
--
-- called by  users, once they have fixed the reason; the console
-- writes     supaqueue.trouble, supaqueue.chore, and what sweep writes
--
-- All that was set aside, or that of one `kind`, or one `subject` of it. Chores that failed
-- are tried again, too, when it is all. Waits for nobody. Returns how many are settled; the
-- others stay, with their reasons.

create or replace function supaqueue.try_again(kind text default null, subject text default null)
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kinds text[];
  subjects text[];
begin
  if try_again.kind is null and try_again.subject is not null then
    raise exception using
      errcode = 'SQ422',
      message = 'a subject is one of a kind',
      hint = 'Such as supaqueue.try_again(''begin'', ''42''): both stand in supaqueue.trouble. Nothing was changed.';
  end if;

  with held as (
    select trouble.kind, trouble.subject from supaqueue.trouble
    where trouble.kind = coalesce(try_again.kind, trouble.kind)
      and trouble.subject = coalesce(try_again.subject, trouble.subject)
    order by trouble.tries, trouble.next_try_at
    limit 1000
    for update skip locked
  ),
  brought as (
    update supaqueue.trouble set next_try_at = clock_timestamp()
    from held
    where trouble.kind = held.kind and trouble.subject = held.subject
    returning trouble.kind, trouble.subject
  )
  select array_agg(brought.kind), array_agg(brought.subject) into kinds, subjects from brought;

  if try_again.kind is null then
    update supaqueue.chore set next_try_at = '-infinity'
    where chore.name in (select held.name from supaqueue.chore as held where held.failures > 0 for no key update skip locked);
  end if;

  perform supaqueue.sweep();
  return (
    select count(*) from unnest(kinds, subjects) as tried (kind, subject)
    where not exists (
      select from supaqueue.trouble where trouble.kind = tried.kind and trouble.subject = tried.subject
    )
  );
end;
$$;

comment on function supaqueue.try_again(text, text) is 'Tries again at once what was set aside. Returns how many of these worked.';
