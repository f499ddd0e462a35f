-- Comments that people read use the words of the documentation, and name its pages.

comment on type supaqueue.source_result is 'What a job returned that another one depends on.';
