-- fingerprint: what failures of one kind have in common, as text that a person can read.
--
-- called by  the view failed_jobs, and by hand
--
-- Outcome, HTTP status and the first line of the error, without what differs from job
-- to job: `#` stands for numbers and ids, `*` for what was in quotes. At most two
-- hundred characters.

create or replace function supaqueue.fingerprint(outcome text, status integer, error text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
  select left(
    concat_ws(
      ': ',
      concat_ws(' ', fingerprint.outcome, fingerprint.status),
      regexp_replace(
        regexp_replace(
          regexp_replace(
            -- An apostrophe inside of a word opens no quotation.
            regexp_replace(
              split_part(ltrim(left(fingerprint.error, 1000), e' \r\n\t'), e'\n', 1),
              '"[^"]*"|`[^`]*`|“[^”]*”|(?<!\w)''[^'']*''', '*', 'g'
            ),
            -- A uuid, or a long word with a digit in it.
            '\m[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\M|\m(?=\w*\d)\w{16,}\M', '#', 'g'
          ),
          -- A number, a time, an address; but not the end of a word, such as SQ422.
          '(?<!\w)(0x[0-9a-fA-F]+|\d+([.,:/-]\d+)*)', '#', 'g'
        ),
        '\s+', ' ', 'g'
      )
    ),
    200
  )
$$;

comment on function supaqueue.fingerprint(text, integer, text) is 'What failures of one kind have in common.';
