import { SupaqueueError } from '../../../supabase/functions/_shared/supaqueue/errors.ts'

const headingOf = (version: string) => `## [${version}]`

/** The changelog, in which the section of a version has a date: `today`, where it had none. */
export function dated(changelog: string, version: string, today: string): string {
  return changelog.split('\n').map((line) =>
    line.trimEnd() === headingOf(version) ? `${headingOf(version)} - ${today}` : line
  )
    .join('\n')
}

/** What the changelog says of a version. Throws where it says nothing, or not when the version was released. */
export function sectionOf(changelog: string, version: string): string {
  const lines = changelog.split(/\r?\n/)
  const start = lines.findIndex((line) => line.startsWith(headingOf(version)))
  const heading = `Write the heading "## [${version}]", with what is new below it. The date is added at the release.`
  if (start < 0) throw new SupaqueueError('SQ409', `CHANGELOG.md has no section of ${version}`, heading)

  const [, date] = / - (\d{4}-\d{2}-\d{2})$/.exec(lines[start]!.trimEnd()) ?? []
  const time = date && new Date(`${date}T00:00:00Z`)
  // A date that does not exist is either refused or moved to another.
  if (!time || Number.isNaN(time.getTime()) || !time.toISOString().startsWith(date)) {
    throw new SupaqueueError(
      'SQ409',
      `the section of ${version} in CHANGELOG.md has a date that does not exist`,
      heading,
    )
  }

  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '))
  const text = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n').trim()
  if (!text) throw new SupaqueueError('SQ409', `the section of ${version} in CHANGELOG.md is empty`, heading)
  return text
}
