-- The roles of a Supabase project, once per cluster. Makes those that are missing and leaves the others as they are.
--
-- What stands here follows a hosted project, its unkind parts included: a mistake that bites there shall bite here.

do $$
begin
  -- Not a superuser: what needs one does not work on a hosted project.
  if to_regrole('postgres') is null then
    create role postgres login inherit createdb createrole replication bypassrls;
  end if;

  if to_regrole('anon') is null then
    create role anon nologin noinherit;
    alter role anon set statement_timeout = '3s';
  end if;

  if to_regrole('authenticated') is null then
    create role authenticated nologin noinherit;
    alter role authenticated set statement_timeout = '8s';
  end if;

  if to_regrole('service_role') is null then
    create role service_role nologin noinherit bypassrls;
  end if;

  if to_regrole('authenticator') is null then
    create role authenticator login noinherit;
    alter role authenticator set statement_timeout = '8s';
    alter role authenticator set lock_timeout = '8s';
  end if;
end
$$;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_signal_backend to postgres;
