-- Puts a row hook in the place of every Database Webhook, each by itself: what `npx supaqueue hooks adopt --apply` does.
-- The triggers of the webhooks are switched off, not dropped, so that the way back is one statement for each.
-- What is left to do, such as a secret that goes into Vault, comes as a warning. So does a webhook that was refused, and why.
--
-- Run it as postgres, after supaqueue was installed: psql -f database-webhooks.sql. Run again, it takes what has come since.
begin;

do $$
declare
  webhook jsonb;
  note text;
begin
  for webhook in
    select listed.webhook from jsonb_array_elements(supaqueue.adopt_webhooks(dry_run => false)) as listed (webhook)
  loop
    for note in
      select listed.note from jsonb_array_elements_text(webhook -> 'notes') as listed (note)
    loop
      raise warning '% on %: %', webhook ->> 'name', webhook ->> 'table', note;
    end loop;
    if webhook -> 'refused' <> 'null' then
      raise warning '% on % was refused, and stays as it is: %', webhook ->> 'name', webhook ->> 'table', webhook -> 'refused' ->> 'message'
      using hint = webhook -> 'refused' ->> 'hint';
    elsif webhook ->> 'afterwards' is not null then
      raise notice 'once the hook works: %', webhook ->> 'afterwards';
    end if;
  end loop;
end
$$;

commit;
