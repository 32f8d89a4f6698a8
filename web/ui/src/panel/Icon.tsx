const paths = {
  scenes: 'M12 3 20.500 7.500v9L12 21l-8.500-4.500v-9L12 3Zm0 0v0M3.500 7.500 12 12l8.500-4.500M12 12v9',
  explore: 'M4 5h6v4H4V5Zm10 5h6v4h-6v-4Zm0 7h6v3h-6v-3ZM7 9v9.500h7M7 12h7',
  alarms: 'M12 4a5.500 5.500 0 0 1 5.500 5.500c0 5 2 6.500 2 6.500h-15s2-1.500 2-6.500A5.500 5.500 0 0 1 12 4Zm-2 15a2 2 0 0 0 4 0',
  query: 'm8 8-4 4 4 4m8-8 4 4-4 4m-2.500-10-3 12',
  search: 'M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13Zm5 11.500L20 20',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Zm0-5v2m0 14v2M3 12h2m14 0h2M5.600 5.600 7 7m10 10 1.400 1.400M18.400 5.600 17 7M7 17l-1.400 1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z',
  chevron: 'm9 6 6 6-6 6',
  close: 'm6 6 12 12M18 6 6 18',
  cube: 'M12 4 19 8v8l-7 4-7-4V8l7-4Zm-7 4 7 4 7-4m-7 4v8',
  page: 'M7 3.500h7l4 4v13H7v-17Zm7 0v4h4M9.500 12h6m-6 4h6',
  fit: 'M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5',
  tree: 'M4 5h5m-2.500 0v14M6.500 12H12m-5.500 7H12m3-7h5m-5 7h5',
} as const

export type IconName = keyof typeof paths

/** A line icon; words beside it say what it means, so it is hidden from screen readers. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
