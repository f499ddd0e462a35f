import { Link } from './link.tsx'

/** A queue by its name, which leads to its page. */
export const QueueLink = ({ name }: { name: string }) => <Link to={`/queues/${encodeURIComponent(name)}`}>{name}</Link>
