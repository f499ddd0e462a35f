-- Comments that people read use the words of the documentation, and name its pages.

comment on table supaqueue.api_key is 'Keys of the HTTP API. Made by create_api_key, which shows the key once.';
comment on table supaqueue.api_answer is 'What the HTTP API answered to requests with an Idempotency-Key, for 24 hours.';
