import { displayWidth, padEnd, padStart, wrap } from './wrap.js'

/** A column of a table: its heading, its cells, and where they line up. */
export interface Column {
  title: string
  cells: string[]
  /** `point`: numbers, at their decimal point. */
  align: 'left' | 'right' | 'point'
}

const GAP = '  '

/** The heading and the rows of a table, without trailing spaces; every column has a cell for each row. */
export function tableLines(columns: readonly Column[]): string[] {
  const laidOut = columns.map(layOut)
  const rows = laidOut[0]?.length ?? 0
  return Array.from({ length: rows }, (_, row) =>
    laidOut
      .map((column) => column[row]!)
      .join(GAP)
      .trimEnd(),
  )
}

/** A column of text that is narrower than this is hard to read: the lines are longer than asked for then. */
const LEAST_WRAPPED = 16

/** The same within a width: the widest columns give way, their cells are broken at spaces, further lines below the first. */
export function wrappedTableLines(columns: readonly Column[], width: number): string[] {
  const widths = columns.map(({ title, cells }) => Math.max(...[title, ...cells].map(displayWidth)))
  const total = () => widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length)
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths))
    if (widths[widest]! <= LEAST_WRAPPED) break
    widths[widest]!--
  }
  const wrapped = columns.map(({ cells }, index) => cells.map((cell) => wrap(cell, widths[index]!)))
  const heights = (columns[0]?.cells ?? []).map((_, row) => Math.max(...wrapped.map((cells) => cells[row]!.length)))
  return tableLines(
    columns.map((column, index) => ({
      ...column,
      cells: heights.flatMap((height, row) => Array.from({ length: height }, (_, line) => wrapped[index]![row]![line] ?? '')),
    })),
  )
}

/** The same within a width by other means: columns that do not fit stand in further tables below, each with the first column again. */
export function dividedTableLines(first: Column, others: readonly Column[], width: number): string[] {
  const widthOf = (column: Column) => displayWidth(layOut(column)[0]!)
  const groups: Column[][] = []
  let left = 0
  for (const column of others) {
    const needed = GAP.length + widthOf(column)
    if (groups.length === 0 || needed > left) {
      groups.push([])
      left = width - widthOf(first)
    }
    groups.at(-1)!.push(column)
    left -= needed
  }
  return groups.flatMap((group, index) => [...(index > 0 ? [''] : []), ...tableLines([first, ...group])])
}

function layOut({ title, cells, align }: Column): string[] {
  const aligned = align === 'point' ? atPoint(cells) : cells
  const width = Math.max(displayWidth(title), ...aligned.map(displayWidth))
  const pad = align === 'left' ? padEnd : padStart
  return [title, ...aligned].map((cell) => pad(cell, width))
}

/** Numbers padded on the right so that their decimal points stand below each other. */
function atPoint(cells: readonly string[]): string[] {
  const decimals = (cell: string) => (/^-?\d/.test(cell) && cell.includes('.') ? cell.length - cell.indexOf('.') : 0)
  const most = Math.max(0, ...cells.map(decimals))
  return cells.map((cell) => cell + ' '.repeat(most - decimals(cell)))
}
