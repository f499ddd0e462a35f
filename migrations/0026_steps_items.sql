-- Of a map the items that it began with: the same number of others is no longer taken for them.
--
-- Locks step for a moment; what is there already is not looked at, for the column is new.

alter table supaqueue.step
  add column fingerprint text,
  add constraint step_fingerprint_is_at_most_200_characters
    check (length(fingerprint) <= 200) not valid;

comment on column supaqueue.step.fingerprint is 'Of a map: what tells its items, in their order, from others.';
