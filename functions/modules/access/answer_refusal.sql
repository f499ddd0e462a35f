-- answer_refusal: an error becomes the answer of a call that is not undone.
--
-- Who raises undoes the charge, and a flood of bad calls would cost nothing. So the function
-- returns this: the body is the one PostgREST makes of an error, byte by byte, and status and
-- headers go by the settings that it reads when a function has returned. The status is that of
-- our code, or the one PostgREST gives to a code of PostgreSQL.
-- The details of an error of PostgreSQL are left out: they show the row, with its id and what triggers wrote.
-- Null outside of a request, and for what cannot be said so: then the error is to be raised.

create or replace function supaqueue_internal.answer_refusal(code text, message text, detail text, hint text)
returns json
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  self constant name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  status constant integer := case
    when answer_refusal.code ~ '^SQ[45]\d\d$' then substr(answer_refusal.code, 3)::integer
    when answer_refusal.code ~ '^PT[45]\d\d$' then substr(answer_refusal.code, 3)::integer
    when answer_refusal.code = '42501' and pg_has_role(self, 'anon', 'usage') then 401
    when answer_refusal.code = '42501' then 403
    when answer_refusal.code in ('23503', '23505') then 409
    when answer_refusal.code in ('42883', '42P01') then 404
    when answer_refusal.code in ('21000', '42P17', '53400') then 500
    when answer_refusal.code = 'P0001' then 400
    when answer_refusal.code = 'PGRST' then null
    when left(answer_refusal.code, 2) in ('08', '53') then 503
    when left(answer_refusal.code, 2) in ('0L', '0P', '28') then 403
    when left(answer_refusal.code, 2) in ('09', '25', '2D', '38', '39', '3B', '40', '54', '55', '57', '58', 'F0', 'HV', 'P0', 'XX') then 500
    else 400
  end;
begin
  if status is null or coalesce(current_setting('request.method', true), '') = '' then
    return null;
  end if;
  perform set_config('response.status', status::text, true);
  if answer_refusal.code = 'SQ429' then
    perform set_config('response.headers', json_build_array(json_build_object('Retry-After', answer_refusal.detail))::text, true);
  end if;
  return format(
    '{"code":%s,"details":%s,"hint":%s,"message":%s}',
    to_json(answer_refusal.code),
    coalesce(case when answer_refusal.code ~ '^(SQ|PT|P0001)' then to_json(nullif(answer_refusal.detail, ''))::text end, 'null'),
    coalesce(to_json(nullif(answer_refusal.hint, ''))::text, 'null'), to_json(answer_refusal.message)
  )::json;
end;
$$;

comment on function supaqueue_internal.answer_refusal(text, text, text, text) is 'An error as the answer of a call whose charge is to stay; null where it is to be raised.';
