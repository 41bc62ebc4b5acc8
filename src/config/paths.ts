import { safeText } from '../core/text.js'

/** A map of fields that nobody has checked. */
export type Tree = Record<string, unknown>

/** A value as a tree; anything but a map of fields has none. */
export function treeOf(value: unknown): Tree {
  return isTree(value) ? value : {}
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value at `path`, undefined where there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

/** A copy of `container`, a map or a list, with `value` at `path`; maps are made where there are none. */
export function setAt(container: unknown, [head, ...rest]: readonly string[], value: unknown): unknown {
  if (head === undefined) return value
  if (Array.isArray(container)) return container.map((item: unknown, index) => (String(index) === head ? setAt(item, rest, value) : item))
  const tree = treeOf(container)
  return { ...tree, [head]: setAt(tree[head], rest, value) }
}

/** `variants.get.commands[0]` of a path into a document. */
export function fieldText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return `${text}${text === '' ? '' : '.'}${safeText(String(part))}`
  }, '')
}
