-- Comments that people read use the words of the documentation, and name its pages.

comment on column supaqueue.bulk_action.filter is 'Which jobs were meant; docs/reference/failed-jobs.md has what it may name.';
