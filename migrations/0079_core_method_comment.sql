-- A DELETE of a URL has a body: what is in the address stands in access logs. A comment locks no table against reads and writes.

comment on column supaqueue.queue.method is 'GET, and DELETE of a function, send the payload as query parameters; all others as the body.';
