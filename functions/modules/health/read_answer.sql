-- read_answer: what an answer to a wake-up says, if it is a JSON object.
--
-- called by  wake_answers
--
-- {} for anything else: a page of a proxy, half a text, nothing.

create or replace function supaqueue_internal.read_answer(content text)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if length(read_answer.content) > 10000 or ltrim(read_answer.content) not like '{%' then
    return '{}';
  end if;
  return coalesce(read_answer.content::jsonb, '{}');
exception when assert_failure or others then
  return '{}';
end;
$$;

comment on function supaqueue_internal.read_answer(text) is 'What an answer to a wake-up says, if it is a JSON object.';
