-- refuse_unwritten: something of the user's, a trigger that returns nothing or a rule, left a row as it was.
--
-- called by  whoever writes and finds that it is not written, within the subtransaction that is to be undone
--
-- Always raises SQ409. What is not said to have been refused would be taken for done: a report would be lost, a schedule would
-- come with every sweep.

create or replace function supaqueue_internal.refuse_unwritten(tables text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'SQ409',
    message = format('a trigger or a rule on %s left a row as it was', refuse_unwritten.tables),
    hint = 'Have the trigger return new, or old for a delete; drop the rule. The others are done one by one.';
end;
$$;

comment on function supaqueue_internal.refuse_unwritten(text) is 'Raises: a trigger or a rule of the user left a row as it was.';
