import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react'
import { below, rows, type TreeNode } from '../data/tree'
import { Icon } from './Icon'

export interface TreeProps {
  label: string
  nodes: readonly TreeNode[]
  open: ReadonlySet<string>
  onOpen: (id: string, open: boolean) => void
  selected: string | null
  hovered?: string | null
  onSelect: (id: string) => void
  onHover?: (id: string | null) => void
  /** What stands at the end of a row. */
  mark: (node: TreeNode, open: boolean) => ReactNode
}

/** A tree by the pattern of the ARIA practices: one stop for Tab, arrows within, typing nothing. */
export function Tree({ label, nodes, open, onOpen, selected, hovered, onSelect, onHover, mark }: TreeProps) {
  const place = useRef<HTMLDivElement>(null)
  const shown = useMemo(() => rows(nodes, (id) => open.has(id)), [nodes, open])
  const current = shown.some(({ ref }) => ref.id === selected) ? selected : (shown[0]?.ref.id ?? null)
  useEffect(() => { place.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }) }, [selected, shown.length])

  const move = (event: KeyboardEvent, node: TreeNode, index: number) => {
    const step = (to: TreeNode | undefined) => {
      if (!to) return
      place.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(to.ref.id)}"]`)?.focus()
      onSelect(to.ref.id)
    }
    const parent = shown.slice(0, index).reverse().find((one) => one.depth < node.depth)
    const keys: Record<string, () => void> = {
      ArrowDown: () => step(shown[index + 1]), ArrowUp: () => step(shown[index - 1]), Home: () => step(shown[0]), End: () => step(shown.at(-1)),
      ArrowRight: () => (node.children.length > 0 && !open.has(node.ref.id) ? onOpen(node.ref.id, true) : step(node.children[0])),
      ArrowLeft: () => (node.children.length > 0 && open.has(node.ref.id) ? onOpen(node.ref.id, false) : step(parent)),
      Enter: () => onSelect(node.ref.id), ' ': () => onSelect(node.ref.id),
    }
    const action = keys[event.key]
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    action()
  }

  return (
    <div className="tree" role="tree" aria-label={label} ref={place} onPointerLeave={() => onHover?.(null)}>
      {shown.map((node, index) => {
        const { id, name } = node.ref
        const parent = node.children.length > 0
        return (
          <div key={id} data-id={id} role="treeitem" aria-level={node.depth + 1} aria-expanded={parent ? open.has(id) : undefined} aria-selected={id === selected}
            tabIndex={id === current ? 0 : -1} className={`row depth-${Math.min(node.depth, 8)}${id === hovered ? ' is-hovered' : ''}`}
            onClick={() => onSelect(id)} onDoubleClick={() => parent && onOpen(id, !open.has(id))} onPointerEnter={() => onHover?.(id)} onKeyDown={(event) => move(event, node, index)}>
            <span className={parent ? 'twist' : 'twist is-leaf'} aria-hidden="true" onClick={(event) => { if (!parent) return; event.stopPropagation(); onOpen(id, !open.has(id)) }}>{parent && <Icon name="chevron" size={14} />}</span>
            <span className="name" title={name}>{name}</span>
            {mark(node, open.has(id))}
          </div>
        )
      })}
    </div>
  )
}

/** How many below a node (itself included) are what one asks for. */
export function count(node: TreeNode, is: (id: string) => boolean): number {
  let sum = 0
  for (const one of below(node)) if (is(one.ref.id)) sum++
  return sum
}
