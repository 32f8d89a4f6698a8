import type { Ref } from './entity'

export interface Branch extends Ref { parent: string | null; states: { state: string | null; severity: string | null }[] }

export interface TreeNode { ref: Branch; depth: number; children: TreeNode[] }

/** At most so many entities are taken into a tree at once; beyond it, search is the way. */
export const treeLimit = 2000

export const treeQuery = `query Tree($hierarchy: String!, $first: Int!) {
  entities(first: $first) { totalCount nodes { id name assetType parent(hierarchy: $hierarchy) { id } states { state severity } } }
}`

export interface TreeAnswer { entities: { totalCount: number; nodes: (Ref & { parent: { id: string } | null; states: Branch['states'] })[] } }

/** The trees of a hierarchy. Entities that are alone in it, neither above nor below another, are left out. */
export function grow(answer: TreeAnswer | undefined): TreeNode[] {
  if (!answer) return []
  const nodes = new Map<string, TreeNode>()
  for (const one of answer.entities.nodes) nodes.set(one.id, { ref: { ...one, parent: one.parent?.id ?? null }, depth: 0, children: [] })
  const roots: TreeNode[] = []
  for (const node of nodes.values()) {
    const above = node.ref.parent === null ? undefined : nodes.get(node.ref.parent)
    if (above) above.children.push(node)
    else roots.push(node)
  }
  const level = (list: TreeNode[], depth: number) => {
    list.sort((a, b) => a.ref.name.localeCompare(b.ref.name, 'en', { numeric: true }))
    for (const node of list) {
      node.depth = depth
      level(node.children, depth + 1)
    }
  }
  const shown = roots.filter((node) => node.children.length > 0 || node.ref.parent !== null)
  level(shown, 0)
  return shown
}

/** Only what matches, with everything above it. */
export function prune(nodes: readonly TreeNode[], matches: (node: TreeNode) => boolean): TreeNode[] {
  return nodes.flatMap((node) => {
    const children = prune(node.children, matches)
    return children.length > 0 || matches(node) ? [{ ...node, children }] : []
  })
}

/** The rows that show when some are open. */
export function rows(nodes: readonly TreeNode[], open: (id: string) => boolean): TreeNode[] {
  return nodes.flatMap((node) => [node, ...(node.children.length > 0 && open(node.ref.id) ? rows(node.children, open) : [])])
}

/** A node and everything below it. */
export function* below(node: TreeNode): Generator<TreeNode> {
  yield node
  for (const child of node.children) yield* below(child)
}
