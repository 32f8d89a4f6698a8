import { useCallback, useEffect, useMemo, useState } from 'react'
import { type Answer, useAsk } from '../data/ask'
import { useProject } from '../data/model'
import { grow, type TreeAnswer, treeLimit, type TreeNode, treeQuery } from '../data/tree'

const refresh = 5000 // ms; states beside names, where no scene supplies them

export interface TreeState {
  nodes: TreeNode[]
  answer: Answer<TreeAnswer>
  open: ReadonlySet<string>
  setOpen: (id: string, open: boolean) => void
  /** The ids above a node, from the root down. */
  above: (id: string) => string[]
}

/** The tree of a hierarchy; the first three levels are open, and always everything above the selection. */
export function useTree(hierarchy: string, selected: string | null): TreeState {
  const project = useProject()
  const answer = useAsk<TreeAnswer>(hierarchy ? treeQuery : null, { hierarchy, first: treeLimit }, refresh)
  const nodes = useMemo(() => grow(answer.data), [answer.data])
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map())
  useEffect(() => setChanged(new Map()), [hierarchy, project.model.hash])
  const parents = useMemo(() => {
    const map = new Map<string, string | null>()
    const visit = (list: readonly TreeNode[], parent: string | null) => list.forEach((node) => { map.set(node.ref.id, parent); visit(node.children, node.ref.id) })
    visit(nodes, null)
    return map
  }, [nodes])
  const above = useCallback((id: string) => {
    const path: string[] = []
    for (let at = parents.get(id); at; at = parents.get(at)) path.unshift(at)
    return path
  }, [parents])
  const open = useMemo(() => {
    const set = new Set<string>()
    const visit = (list: readonly TreeNode[]) => list.forEach((node) => { if (changed.get(node.ref.id) ?? node.depth < 3) set.add(node.ref.id); visit(node.children) })
    visit(nodes)
    return set
  }, [nodes, changed])
  useEffect(() => {
    if (!selected) return
    const closed = above(selected).filter((id) => !open.has(id))
    if (closed.length > 0) setChanged((before) => new Map([...before, ...closed.map((id) => [id, true] as const)]))
    // opened once for each selection, so that it can be closed again
  }, [selected, parents.size > 0])
  const setOpen = useCallback((id: string, isOpen: boolean) => setChanged((before) => new Map(before).set(id, isOpen)), [])
  return { nodes, answer, open, setOpen, above }
}
