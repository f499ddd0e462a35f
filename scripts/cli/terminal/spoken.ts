import { packed } from '../place.ts'

/**
 * A line as it is said to a person. Texts name commands as they are called in a clone; who has the package calls them by npx.
 */
export const spoken = (text: string, asPackage = packed): string => asPackage ? byNpx(text) : text

const byNpx = (text: string): string =>
  text
    .replace(/\bpnpm --dir <this folder> supaqueue:/g, 'npx supaqueue ')
    .replace(/\b(?:npx (?:--yes )?)?pnpm (?:supaqueue[: ]|(?=(?:dev|demo|console|types)\b))/g, 'npx supaqueue ')
    .replace(/\bpnpm supabase\b/g, 'npx supabase')
    .replace(/\b(?:npx )?pnpm install\b/g, 'npm install supaqueue')
