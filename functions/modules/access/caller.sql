-- caller: who calls through a door.
--
-- called by  the doors in functions/modules/access
--
-- role  service_role, authenticated or anon, or null for any other role
-- user_id  of authenticated, the user the token is of: its sub, as auth.uid() reads it.
--          The schema auth is not needed for it.
--
-- Not current_user: in a function that runs as its owner, that is the owner.
-- Errors: SQ403 a token that names no user.

create or replace function supaqueue_internal.caller(out role text, out user_id uuid)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  self constant name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  subject text;
begin
  caller.role := case
    when pg_has_role(self, 'service_role', 'usage') then 'service_role'
    when pg_has_role(self, 'authenticated', 'usage') then 'authenticated'
    when pg_has_role(self, 'anon', 'usage') then 'anon'
  end;
  if caller.role is distinct from 'authenticated' then
    return;
  end if;

  subject := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub';
  if not coalesce(subject ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', false) then
    raise exception using
      errcode = 'SQ403',
      message = 'the token names no user: its sub is not a uuid',
      hint = 'Call it with the token of a user who has signed in to this project. Nothing was changed.';
  end if;
  caller.user_id := subject::uuid;
end;
$$;

comment on function supaqueue_internal.caller() is 'Who calls through a door: the role and the user.';
