-- A name made anew inherits nothing: answers of the HTTP door belong to a key, not to its
-- name, and go with the queue that they are about.

truncate supaqueue.api_answer;
alter table supaqueue.api_answer
  add column queue uuid references supaqueue.queue on delete cascade;
create index api_answer_by_queue on supaqueue.api_answer (queue);

comment on column supaqueue.api_answer.caller is 'The id of the api_key, or empty for the project''s own key.';
comment on column supaqueue.api_answer.queue  is 'What it is about: without it, the answer is void.';
