-- host_of: the host of an http address, with its port where that is not the usual one.
--
-- In small letters, as URL.host is in JavaScript. Null for what is no http address.

create or replace function supaqueue_internal.host_of(url text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
  select lower(part[2]) || case
    when coalesce(part[3], '') in ('', ':') then ''
    when lower(part[1]) = 'https' and part[3]::text ~ '^:0*443$' then ''
    when lower(part[1]) = 'http' and part[3]::text ~ '^:0*80$' then ''
    else regexp_replace(part[3], '^:0*', ':') end
  from regexp_match(host_of.url, '^(https?)://(\[[^\]]*\]|[^/?#:\\@\s]+)(:[0-9]*)?(?=$|[/?#\\])', 'i') as part
$$;

comment on function supaqueue_internal.host_of(text) is 'The host of an http address, with its port where that is not the usual one.';
