-- The roles of a Supabase project, once per cluster. May run again.
--
-- What stands here follows a hosted project, its unkind parts included: a mistake that bites there shall bite here.

do $$
declare
  missing_role text;
begin
  for missing_role in
    select wanted.name
    from unnest(array['postgres', 'anon', 'authenticated', 'service_role', 'authenticator']) as wanted (name)
    where to_regrole(wanted.name) is null
  loop
    execute format('create role %I', missing_role);
  end loop;
end
$$;

-- Not a superuser: what needs one does not work on a hosted project.
alter role postgres nosuperuser login inherit createdb createrole replication bypassrls;
alter role anon nologin noinherit;
alter role authenticated nologin noinherit;
alter role service_role nologin noinherit bypassrls;
alter role authenticator login noinherit;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

alter role supabase_admin set statement_timeout = 0;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

alter database postgres owner to postgres;
