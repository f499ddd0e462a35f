-- Comments that people read use the words of the documentation, and name its pages.

comment on table supaqueue.setting is 'Where the functions live, and the dispatcher''s limits. Explained in docs/reference/dispatcher.md.';
comment on column supaqueue.job.error is 'The error of the last attempt that did not succeed.';
comment on column supaqueue.job.owner is 'The user who enqueued it by themselves: sub of the token, as auth.uid() gives it. They may see how it is doing.';
