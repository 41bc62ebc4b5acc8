import { readdir } from 'node:fs/promises'
import { join, parse } from 'node:path'

/** Whether a path stands for many, as `include` takes it from 7.0 on. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path)
}

/** The files that a glob stands for, sorted; none when nothing fits. */
export async function expandGlob(pattern: string): Promise<string[]> {
  const { root } = parse(pattern)
  let found = [root]
  for (const part of pattern.slice(root.length).split('/').filter(Boolean)) {
    const next = await Promise.all(found.map((folder) => step(folder, part)))
    found = next.flat()
  }
  return found
}

async function step(folder: string, part: string): Promise<string[]> {
  if (!isGlob(part)) return [join(folder, part)]
  const names = await readdir(folder === '' ? '.' : folder).catch(() => [])
  const form = partForm(part)
  // A leading dot is only met by a dot.
  const fitting = names.filter((name) => form.test(name) && (part.startsWith('.') || !name.startsWith('.')))
  return fitting.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name))
}

function partForm(part: string): RegExp {
  const form = part.replaceAll(/\[!?[^\]]+\]|[*?]|[^*?]/g, (piece) => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.length > 1) return piece.replace('[!', '[^').replaceAll('\\', '\\\\')
    return piece.replace(/[.+^${}()|[\]\\]/, String.raw`\$&`)
  })
  return new RegExp(`^${form}$`, 's')
}
