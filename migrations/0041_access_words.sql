-- Comments that people read use the words of the documentation, and name its pages.

comment on column supaqueue.door.role is 'anon: everybody who has the publishable key. authenticated: everybody who is signed in.';
comment on column supaqueue.door.schema is 'A JSON Schema for the payload. docs/reference/open-to-users.md lists the keywords.';
comment on column supaqueue.door.live is 'Whether Realtime tells users how their own jobs are doing.';
