-- Comments that people read use the words of the documentation, and name its pages.

comment on column supaqueue.alert_rule.kind is 'What is looked at; docs/operate/alerts.md has the list.';
