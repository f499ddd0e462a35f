/** What `npm pack --json` says of a package. */
export interface Packed {
  version: string
  files: { path: string }[]
  unpackedSize: number
}

const published = /^(dist\/|README\.md$|LICENSE$|CHANGELOG\.md$|package\.json$)/

/** What a package must not be without. */
const needed = ['dist/bin.js', 'dist/index.js', 'dist/edge.js', 'CHANGELOG.md', 'package.json']

/** What is wrong with a package that is to be published, a line each. */
export function unfit({ version, files, unpackedSize }: Packed, expected: string): string[] {
  const paths = files.map(({ path }) => path)
  return [
    ...version === expected ? [] : [`it is version ${version}, not ${expected}`],
    ...needed.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...paths.filter((path) => !published.test(path)).map((path) => `${path} is not to be published`),
    ...files.length < 150 ? [] : [`it has ${files.length} files, and 150 are too many`],
    ...unpackedSize < 1_500_000 ? [] : [`it has ${unpackedSize} bytes, and 1,500,000 are too many`],
  ]
}
