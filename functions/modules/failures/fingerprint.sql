-- fingerprint: what failures of one kind have in common, as text that a person can read.
--
-- called by  the view failed_jobs, and by hand
--
-- Outcome, HTTP status and the first line of the error, without what differs from job
-- to job: `#` stands for numbers, times, addresses and ids, `*` for what was in quotes, and for paths.
-- The prefix of an id stays: cus_17 is cus_#. At most two hundred characters.

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
      (
        with
        -- An apostrophe inside of a word opens no quotation.
        unquoted as (
          select regexp_replace(
            split_part(ltrim(left(fingerprint.error, 1000), e' \r\n\t'), e'\n', 1),
            '"[^"]*"|`[^`]*`|“[^”]*”|(?<!\w)''[^'']*''', '*', 'g'
          ) as text
        ),
        -- Of an address on the web the host stays, of others what they are. An e-mail address goes.
        addressed as (
          select regexp_replace(
            regexp_replace(
              regexp_replace(unquoted.text, '(\m(https?|wss?)://[^\s/?#]+)[/?#][^\s,;)]*', '\1/*', 'g'),
              '\m(?!https?:|wss?:)([A-Za-z][A-Za-z0-9+.-]*://)[^\s,;)]+', '\1*', 'g'
            ),
            '[\w.!#$%&*+=?^{|}~-]+@[\w-]+(\.[\w-]+)+', '#', 'g'
          ) as text
          from unquoted
        ),
        -- As ISO 8601 writes times, and as headers and certificates do.
        dated as (
          select regexp_replace(
            regexp_replace(
              addressed.text,
              '\m((Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(\d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\d\d?),?( \d{4})?( \d\d?:\d\d(:\d\d)?( \d{4})?)?\M', '#', 'g'
            ),
            '\m\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?)\M)?)?', '#', 'g'
          ) as text
          from addressed
        ),
        -- An address of IPv6: three colons between hexadecimals, or two that are neighbors.
        located as (
          select regexp_replace(
            dated.text, '(?<![\w:.])([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4}){3,7}|([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*)?::([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*)?)(?![\w:])', '#', 'g'
          ) as text
          from dated
        ),
        -- Two names or more behind slashes, or a drive.
        unplaced as (
          select regexp_replace(located.text, '(?<![\w/:*#])(\.{0,2}(/[\w.@%+~-]+){2,}/?|[A-Za-z]:\\[^\s,;:)]+)', '*', 'g') as text
          from located
        ),
        -- A uuid; then a word with a prefix and a digit, whose prefix stays.
        named as (
          select regexp_replace(
            regexp_replace(unplaced.text, '\m[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\M', '#', 'g'),
            '\m([A-Za-z][A-Za-z]{0,15}[_-])(?=[\w-]*\d)[\w-]+(\.\d[\w-]*)*', '\1#', 'g'
          ) as text
          from unplaced
        ),
        -- A long word with a digit, hexadecimals with one, and a word that begins with a digit and is as long as an id.
        counted as (
          select regexp_replace(
            regexp_replace(
              named.text,
              '\m(?=\w*\d)\w{16,}\M|\m(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,}\M|\m\d(?=\w*[A-Za-z])\w{7,}\M', '#', 'g'
            ),
            -- A number, a time, an address; but not the end of a word, such as SQ422.
            '(?<!\w)(0x[0-9a-fA-F]+|\d+([.,:/-]\d+)*)', '#', 'g'
          ) as text
          from named
        )
        select regexp_replace(counted.text, '\s+', ' ', 'g') from counted
      )
    ),
    200
  )
$$;

comment on function supaqueue.fingerprint(text, integer, text) is 'What failures of one kind have in common.';
