import { type CombinedError } from '@urql/core'
import { useCallback, useEffect, useRef, useState } from 'react'
import { client, line } from './client'
import { useStore } from './store'

/** An answer on its way: data stays while it is asked for anew, so that nothing jumps. */
export interface Answer<T> { data: T | undefined; error: string | undefined; fetching: boolean; again(): void }

/** What went wrong, in words for people. */
export function words(error: CombinedError | undefined): string | undefined {
  if (!error) return undefined
  if (error.networkError) return 'The service does not answer.'
  return error.graphQLErrors.map((one) => one.message).join(' ')
}

/** Asks once, again when the question changes, when the line comes back, and every `every` ms when given. */
export function useAsk<T>(query: string | null, variables: Record<string, unknown> = {}, every = 0): Answer<T> {
  const [answer, setAnswer] = useState<Omit<Answer<T>, 'again'>>({ data: undefined, error: undefined, fetching: query !== null })
  const [round, setRound] = useState(0)
  const back = useStore(line).kind
  const key = `${query}|${JSON.stringify(variables)}`
  const last = useRef(key)
  useEffect(() => {
    if (query === null) return
    let over = false
    const changed = last.current !== key
    last.current = key
    setAnswer((before) => ({ ...before, data: changed ? undefined : before.data, fetching: true }))
    const run = () => client.query<T>(query, variables).toPromise().then((result) => {
      if (over) return
      setAnswer((before) => ({ data: result.data ?? before.data, error: result.data ? undefined : words(result.error), fetching: false }))
    })
    void run()
    const timer = every > 0 ? setInterval(() => { if (!document.hidden) void run() }, every) : undefined
    return () => {
      over = true
      clearInterval(timer)
    }
    // key stands for query and variables; a line that comes back asks again
  }, [key, round, every, back === 'lost'])
  const again = useCallback(() => setRound((n) => n + 1), [])
  return { ...answer, again }
}

/** Subscribes, and keeps the newest answer. */
export function useLive<T>(query: string | null, variables: Record<string, unknown> = {}): Answer<T> {
  const [answer, setAnswer] = useState<Omit<Answer<T>, 'again'>>({ data: undefined, error: undefined, fetching: query !== null })
  const [round, setRound] = useState(0)
  const key = `${query}|${JSON.stringify(variables)}`
  useEffect(() => {
    setAnswer({ data: undefined, error: undefined, fetching: query !== null })
    if (query === null) return
    const { unsubscribe } = client.subscription<T>(query, variables).subscribe((result) => {
      setAnswer((before) => ({ data: result.data ?? before.data, error: result.data ? undefined : words(result.error), fetching: false }))
    })
    return unsubscribe
    // key stands for query and variables
  }, [key, round])
  const again = useCallback(() => setRound((n) => n + 1), [])
  return { ...answer, again }
}
