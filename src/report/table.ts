import { padEnd, padStart, displayWidth } from './wrap.js'

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
