-- fingerprint: what failures of one kind have in common, as text that a person can read.
--
-- called by  people, too, by hand
--
-- Outcome, HTTP status and the first line of the error, without what differs from job
-- to job: `#` stands for numbers, times, addresses and ids, `*` for what was in quotes, and for paths.
-- The prefix of an id stays: cus_17 is cus_#. At most two hundred characters.
-- A list of failures asks for thousands of them: what a text cannot have is not looked for.

create or replace function supaqueue.fingerprint(outcome text, status integer, error text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
  line text := split_part(ltrim(left(fingerprint.error, 1000), e' \r\n\t'), e'\n', 1);
begin
  -- An apostrophe inside of a word opens no quotation.
  if strpos(line, '"') + strpos(line, '`') + strpos(line, '“') + strpos(line, '''') > 0 then
    line := regexp_replace(line, '"[^"]*"|`[^`]*`|“[^”]*”|(?<!\w)''[^'']*''', '*', 'g');
  end if;
  -- Of an address on the web the host stays, of others what they are. An e-mail address goes.
  if strpos(line, '://') > 0 then
    line := regexp_replace(line, '(\m(https?|wss?)://[^\s/?#]+)[/?#][^\s,;)]*', '\1/*', 'g');
    line := regexp_replace(line, '\m(?!https?:|wss?:)([A-Za-z][A-Za-z0-9+.-]*://)[^\s,;)]+', '\1*', 'g');
  end if;
  if strpos(line, '@') > 0 then
    line := regexp_replace(line, '[\w.!#$%&*+=?^{|}~-]+@[\w-]+(\.[\w-]+)+', '#', 'g');
  end if;
  -- As headers and certificates write times, and as ISO 8601 does.
  if line ~ 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec' then
    line := regexp_replace(
      line,
      '\m((Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(\d\d? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\d\d?),?( \d{4})?( \d\d?:\d\d(:\d\d)?( \d{4})?)?\M', '#', 'g'
    );
  end if;
  if line like '%-%-%' then
    line := regexp_replace(line, '\m\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?)\M)?)?', '#', 'g');
  end if;
  -- An address of IPv6: three colons between hexadecimals, or two that are neighbors.
  if line like '%:%:%' then
    line := regexp_replace(
      line, '(?<![\w:.])([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4}){3,7}|([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*)?::([0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*)?)(?![\w:])', '#', 'g'
    );
  end if;
  -- Two names or more behind slashes, or a drive.
  if strpos(line, '/') + strpos(line, '\') > 0 then
    line := regexp_replace(line, '(?<![\w/:*#])(\.{0,2}(/[\w.@%+~-]+){2,}/?|[A-Za-z]:\\[^\s,;:)]+)', '*', 'g');
  end if;
  if line like '%-%-%-%-%' then
    line := regexp_replace(line, '\m[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\M', '#', 'g');
  end if;
  if line ~ '\d' then
    -- A word with a prefix and a digit, whose prefix stays.
    if strpos(line, '_') + strpos(line, '-') > 0 then
      line := regexp_replace(line, '\m([A-Za-z][A-Za-z]{0,15}[_-])(?=[\w-]*\d)[\w-]+(\.\d[\w-]*)*', '\1#', 'g');
    end if;
    -- A long word with a digit, hexadecimals with one, and a word that begins with a digit and is as long as an id.
    if line ~ '\d\w{6}|\w\d\w{5}|\w{2}\d\w{4}|\w{3}\d\w{3}|\w{4}\d\w{2}|\w{5}\d\w|\w{6}\d' then
      line := regexp_replace(
        line,
        '\m(?=\w*\d)\w{16,}\M|\m(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,}\M|\m\d(?=\w*[A-Za-z])\w{7,}\M', '#', 'g'
      );
    end if;
    -- A number, a time, an address; but not the end of a word, such as SQ422.
    line := regexp_replace(line, '(?<!\w)(0x[0-9a-fA-F]+|\d+([.,:/-]\d+)*)', '#', 'g');
  end if;
  line := regexp_replace(line, '\s+', ' ', 'g');
  return left(concat_ws(': ', concat_ws(' ', fingerprint.outcome, fingerprint.status), line), 200);
end;
$$;

comment on function supaqueue.fingerprint(text, integer, text) is 'Returns what failures of one kind have in common.';
