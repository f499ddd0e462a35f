-- Whoever has checked many jobs before it inserts them says so, and they are not checked again one by one.
--
-- A sequence, for what one session set in it no other session sees, nobody but the owner may set it, and no table has to be
-- read to look at it.

create sequence supaqueue_internal.vouched maxvalue 9223372036854775807;

comment on sequence supaqueue_internal.vouched is 'What vouch drew last in this session. Its value as such means nothing.';

revoke all on sequence supaqueue_internal.vouched from public, anon, authenticated, service_role;
