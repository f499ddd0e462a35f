-- Comments that people read use the words of the documentation, and name its pages.

comment on column supaqueue.step.result is 'What it returned, or what came with the signal. Null: nothing.';
