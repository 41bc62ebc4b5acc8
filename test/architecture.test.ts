import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** Which folders of src/ each folder really imports; a file at the top counts as a folder of its name. */
function realImports(): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
    const from = roomOf(file)
    const targets = found.get(from) ?? found.set(from, new Set()).get(from)!
    for (const [, target = ''] of readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const to = roomOf(relative(SRC, join(SRC, dirname(file), target)))
      if (to !== from) targets.add(to)
    }
  }
  return new Map([...found].map(([from, targets]) => [from, [...targets].toSorted()]))
}

const roomOf = (path: string) => path.split('/')[0]!.replace(/\.[jt]s$/, '')

function documentedImports(): Map<string, string[]> {
  const text = readFileSync(fileURLToPath(new URL('../docs/architecture.md', import.meta.url)), 'utf8')
  const table = text.slice(text.indexOf('<!-- imports -->'), text.indexOf('<!-- /imports -->'))
  return new Map(
    [...table.matchAll(/^\| `(\w+)` *\|[^|]*\|([^|]*)\|$/gm)].map(([, folder = '', imports = '']) => [
      folder,
      imports.split(' ').filter(Boolean),
    ]),
  )
}

test('docs/architecture.md shows the imports as they are', () => {
  const [documented, real] = [documentedImports(), realImports()]
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(real))
})

test('imports point down only: no folder imports one that stands above it', () => {
  const order = [...documentedImports().keys()]
  const upward = [...realImports()].flatMap(([from, targets]) =>
    targets.filter((to) => order.indexOf(to) < order.indexOf(from)).map((to) => `${from} -> ${to}`),
  )
  expect(upward).toEqual([])
})
