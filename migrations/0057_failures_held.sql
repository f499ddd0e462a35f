-- What locks failed jobs and looks whether they may begin again is one function, with more arguments. Locks no table.

drop function if exists supaqueue_internal.may_begin_again(bigint[]);
