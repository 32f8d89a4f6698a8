import { useSyncExternalStore } from 'react'

const wide = globalThis.matchMedia?.('(min-width: 900px)')

/** True where panes stand side by side; below 900 px they become sheets. */
export function useWide(): boolean {
  return useSyncExternalStore((listener) => {
    wide?.addEventListener('change', listener)
    return () => wide?.removeEventListener('change', listener)
  }, () => wide?.matches ?? true, () => true)
}
