-- forget_rows: rows that are old enough are deleted, whatever one of them meets.
--
-- called by  chores that forget what is old
-- writes     the table `relation`; supaqueue.trouble
--
-- All at once; when that fails, or something of the user's passes one over, one by one, for a second at most. Who cannot
-- be deleted is set aside, and left out for its time; kept_rows are those, for a caller that does not look at all rows. The caller holds them.
-- Returns how many. Dynamic, since the table is one of many: it is ours, and named by our code.

create or replace function supaqueue_internal.forget_rows(relation regclass, aged tid[])
returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  begun_at constant timestamptz := clock_timestamp();
  alone_since timestamptz;
  rows tid[];
  one tid;
  gone integer;
  forgotten integer := 0;
begin
  if forget_rows.aged = '{}' then
    return 0;
  end if;
  rows := array(
    select entry.id
    from unnest(forget_rows.aged) as entry (id)
    left join supaqueue.trouble on trouble.kind = 'rows' and trouble.subject = forget_rows.relation || ' ' || entry.id::text
    where trouble.next_try_at is null or trouble.next_try_at <= begun_at
    -- Who takes all the time there is comes last.
    order by trouble.tries nulls first
  );
  if rows = '{}' then
    return 0;
  end if;
  begin
    execute format('delete from %s where ctid = any ($1)', forget_rows.relation) using rows;
    get diagnostics gone = row_count;
    if gone < cardinality(rows) then
      perform supaqueue_internal.refuse_unwritten(forget_rows.relation::text);
    end if;
    perform supaqueue_internal.fire_deferred(forget_rows.relation);
    return gone;
  exception when query_canceled or assert_failure or others then
    -- The wait for a row that somebody holds is over only now.
    alone_since := clock_timestamp();
  end;

  foreach one in array rows loop
    begin
      execute format('delete from %s where ctid = $1', forget_rows.relation) using one;
      get diagnostics gone = row_count;
      if gone = 0 then
        perform supaqueue_internal.refuse_unwritten(forget_rows.relation::text);
      end if;
      perform supaqueue_internal.fire_deferred(forget_rows.relation);
      forgotten := forgotten + 1;
    exception when query_canceled or assert_failure or others then
      perform supaqueue_internal.put_aside('rows', forget_rows.relation || ' ' || one::text, sqlstate, sqlerrm);
      exit when sqlstate = '57014';
    end;
    exit when clock_timestamp() > alone_since + interval '1 second';
  end loop;
  return forgotten;
end;
$$;

comment on function supaqueue_internal.forget_rows(regclass, tid[]) is 'Deletes rows that are old enough; one that cannot be deleted is set aside and stops no other.';
