import { type ReactNode, useEffect, useState } from 'react'

/** Words for an empty, failed or refused place, with the one thing that helps. */
export function Notice({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="notice">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** Keeps the layout while something loads; after a second it says what. */
export function Waiting({ what, rows = 6 }: { what: string; rows?: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 1000)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="waiting" aria-busy="true">
      <p role="status">{late ? `${what} …` : '\u00a0'}</p>
      {Array.from({ length: rows }, (_, i) => <div key={i} className={`bone bone-${i % 3}`} />)}
    </div>
  )
}

/** An error with the way to try again. */
export function Failed({ what, error, again }: { what: string; error: string; again: () => void }) {
  return (
    <Notice title={what} action={<button className="button" onClick={again}>Try again</button>}>
      {error}
    </Notice>
  )
}
