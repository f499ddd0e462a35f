-- The same checks in fewer words, as 0083 has them: each turn inserts a row here. Locks supaqueue.counter_delta for a moment, and
-- reads no row.

alter table supaqueue.counter_delta
  drop constraint counter_delta_counts_are_not_negative,
  add constraint counter_delta_counts_are_not_negative
    check (least(enqueued, begun, leases_lost, duplicates, wake_ups, runs) >= 0) not valid,
  drop constraint counter_delta_turn_ms_is_at_most_ten_million,
  add constraint counter_delta_turn_ms_is_at_most_ten_million
    check (turn_ms between double precision '0' and double precision '10000000') not valid;
