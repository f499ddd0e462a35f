-- caller_address: the address that a call of the Data API comes from, or null.
--
-- reads      supaqueue.setting
--
-- The header that the setting address_header names. Without that setting it is cf-connecting-ip
-- where functions_url is one of the hosted platform, whose edge writes that header itself; nowhere
-- else, for there it would be what the caller says of himself. Failing that, the last one of
-- x-forwarded-for, which the nearest proxy writes. Of IPv6 it is the network of 64 bits, of which
-- one customer has all addresses.
--
-- Returned as a uuid, in which no address can be read.

create or replace function supaqueue_internal.caller_address()
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  headers constant jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
  header constant text := coalesce(
    (select lower(setting.value) from supaqueue.setting where setting.name = 'address_header'),
    (
      select 'cf-connecting-ip' from supaqueue.setting
      where setting.name = 'functions_url' and setting.value ~* '^https://[a-z0-9-]+\.supabase\.(co|in|red)/'
    )
  );
  given constant text := trim(coalesce(
    headers ->> header,
    reverse(split_part(reverse(headers ->> 'x-forwarded-for'), ',', 1))
  ));
  address text := left(given, 100);
begin
  if coalesce(given, '') = '' then
    return null;
  end if;
  begin
    address := host(network(set_masklen(given::inet, case when family(given::inet) = 6 then 64 else 32 end)));
  exception when data_exception then
    -- No address, and still who it is: whoever sends the same shares the limit.
    null;
  end;
  return md5('address:' || address)::uuid;
end;
$$;

comment on function supaqueue_internal.caller_address() is 'The address that a call of the Data API comes from, as a uuid; null where the platform tells none.';
