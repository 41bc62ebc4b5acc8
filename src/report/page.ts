import { safeText } from '../core/text.js'
import { paint, type Style } from './style.js'
import { wrappedTableLines } from './table.js'
import { wrap } from './wrap.js'

/**
 * A page of documentation, written in the little Markdown that our pages use (headings, paragraphs, lists, tables, code that is fenced
 * or indented, `code`), as text for a terminal. Code keeps its lines, so that it can be copied.
 */
export function renderPage(markdown: string, style: Style): string {
  const lines = blocksOf(markdown).flatMap(({ isCode, text }) => (isCode ? [`    ${safeCode(text)}`.trimEnd()] : blockLines(text, style)))
  return `${lines.join('\n').trimEnd()}\n`
}

interface Block {
  isCode: boolean
  text: string
}

/** Lines of code by themselves; the lines of a paragraph or of a list's item joined, and the rows of a table kept together. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let fenced = false
  /** The line before belongs to a paragraph or an item that goes on. */
  let open = false
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      fenced = !fenced
      open = false
      continue
    }
    const isCode: boolean = fenced || (!open && line.startsWith('    '))
    const isRow: boolean = !isCode && line.startsWith('|')
    const alone: boolean = isCode || isRow || line.trim() === '' || line.startsWith('#')
    const last = blocks.at(-1)
    if (last && isRow && !last.isCode && last.text.startsWith('|')) last.text += `\n${line}`
    else if (last && open && !alone && !/^\s*([-*]|\d+\.) /.test(line)) last.text += ` ${line.trim()}`
    else blocks.push({ isCode, text: isCode && !fenced ? line.slice(4) : line })
    open = !alone
  }
  return blocks
}

function blockLines(block: string, style: Style): string[] {
  if (block.trim() === '') return ['']
  const [, heading] = /^#+ (.*)/.exec(block) ?? []
  if (heading !== undefined) return [paint(safeText(heading), 'strong', style)]
  if (block.startsWith('|')) return tableBlock(block, style)
  const [, indent = '', mark = '', text = block] = /^(\s*)((?:[-*]|\d+\.) )?(.*)$/s.exec(block) ?? []
  const bullet = mark.replace(/^[-*]/, style.unicode ? '•' : '-')
  const margin = ' '.repeat(2 + indent.length)
  const hanging = margin + ' '.repeat(mark.length)
  return wrap(plain(text), style.width - hanging.length).map((line, index) => (index === 0 ? margin + bullet : hanging) + line)
}

/** Cells side by side, without the rules between them. */
function tableBlock(block: string, style: Style): string[] {
  const rows = block
    .split('\n')
    .filter((row) => !/^[|\s:-]+$/.test(row))
    .map((row) =>
      row
        .replaceAll(/^\||\|\s*$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => plain(cell.trim().replaceAll('\\|', '|'))),
    )
  const [titles = [], ...body] = rows
  const columns = titles.map((title, index) => ({ title, align: 'left' as const, cells: body.map((row) => row[index] ?? '') }))
  return wrappedTableLines(columns, style.width - 2).map((line) => `  ${line}`)
}

/** Without the marks of code, emphasis and links. */
function plain(text: string): string {
  return safeCode(
    text
      .replaceAll(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 ($2)')
      .replaceAll('`', '')
      .replaceAll('**', ''),
  )
}

/** Our own pages may have backslashes in what is to be copied. */
const safeCode = (text: string) => safeText(text).replaceAll('\\\\', '\\')
