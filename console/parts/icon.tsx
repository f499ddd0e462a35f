// Lines on a square of 16, drawn with the color of the text beside them.
const PATHS = {
  logo: 'M2 4h12M2 8h8M2 12h5M12 10l2.5 2L12 14',
  '/': 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  '/jobs': 'M5 4h9M5 8h9M5 12h9M2 4h.01M2 8h.01M2 12h.01',
  '/failures': 'M8 2l6.5 11.5h-13zM8 7v3M8 12h.01',
  '/pipelines': 'M2 3h4v4H2zM10 9h4v4h-4zM4 7v4h6',
  '/schedules': 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5v3l2 2',
  '/hooks': 'M9 2v7.5a3 3 0 1 1-6 0V8M9 2H7M9 2h2M12 12l2 2',
  '/health': 'M1.5 8H5l2-5 3 10 1.5-5h3',
  '/dispatcher': 'M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 5.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5',
  '/alerts': 'M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM7 14.5h2',
  '/audit': 'M3 2h7l3 3v9H3zM6 7h4M6 10h4',
} as const

/** The icon of a page, or the logo. Decoration: the words beside it say the same. */
export function Icon({ name }: { name: string }) {
  const path = PATHS[name as keyof typeof PATHS]
  return path
    ? (
      <svg width='16' height='16' viewBox='0 0 16 16' aria-hidden='true'>
        <path
          d={path}
          fill='none'
          stroke='currentColor'
          stroke-width='1.5'
          stroke-linecap='round'
          stroke-linejoin='round'
        />
      </svg>
    )
    : null
}
