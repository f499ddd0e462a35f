-- answer_error: an error of ours becomes an HTTP answer of its status.
--
-- called by  the doors in functions/modules/access, with what they caught, where nothing is to stay
--
-- PostgREST answers codes that it does not know with 400. In the form that is raised
-- here it takes the status from us, and leaves code, message and hint as they are.
-- Outside of a request, and for errors of PostgreSQL, it does nothing: the caller
-- raises the error as it was.

create or replace function supaqueue_internal.answer_error(code text, message text, detail text, hint text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
  if answer_error.code !~ '^SQ[45]\d\d$' or coalesce(current_setting('request.method', true), '') = '' then
    return;
  end if;
  raise sqlstate 'PGRST' using
    message = json_build_object(
      'code', answer_error.code, 'message', answer_error.message,
      'details', nullif(answer_error.detail, ''), 'hint', nullif(answer_error.hint, '')
    ),
    detail = json_build_object(
      'status', substr(answer_error.code, 3)::integer,
      'headers', case when answer_error.code = 'SQ429'
        then json_build_object('Retry-After', answer_error.detail)
        else '{}' end
    );
end;
$$;

comment on function supaqueue_internal.answer_error(text, text, text, text) is 'Raises an error of ours in the form that gives it its HTTP status.';
