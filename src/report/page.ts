import { safeText } from '../core/text.js'
import { paint, type Style } from './style.js'
import { wrap } from './wrap.js'

/**
 * A page of documentation, written in the little Markdown that our pages use (headings, paragraphs, lists, fenced code, `code`), as
 * text for a terminal. Code keeps its lines, so that it can be copied.
 */
export function renderPage(markdown: string, style: Style): string {
  const lines: string[] = []
  let fenced = false
  for (const block of blocksOf(markdown)) {
    if (block.startsWith('```')) {
      fenced = !fenced
      continue
    }
    lines.push(...(fenced ? [`    ${safeCode(block)}`] : blockLines(block, style)))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Lines of code, empty lines and fences by themselves; the lines of a paragraph or of a list's item joined. */
function blocksOf(markdown: string): string[] {
  const blocks: string[] = []
  let fenced = false
  let open = false
  for (const line of markdown.split('\n')) {
    const fence = line.startsWith('```')
    if (fence) fenced = !fenced
    const alone = fence || fenced || line.trim() === '' || /^(#|\|)/.test(line)
    if (!alone && open && !/^\s*([-*]|\d+\.) /.test(line)) blocks.push(`${blocks.pop()} ${line.trim()}`)
    else blocks.push(line)
    open = !alone
  }
  return blocks
}

function blockLines(block: string, style: Style): string[] {
  if (block.trim() === '') return ['']
  const [, heading] = /^#+ (.*)/.exec(block) ?? []
  if (heading !== undefined) return [paint(safeText(heading), 'strong', style)]
  if (block.startsWith('|')) return [`  ${plain(block)}`]
  const [, indent = '', mark = '', text = block] = /^(\s*)((?:[-*]|\d+\.) )?(.*)$/s.exec(block) ?? []
  const bullet = mark.replace(/^[-*]/, style.unicode ? '•' : '-')
  const margin = ' '.repeat(2 + indent.length)
  const hanging = margin + ' '.repeat(mark.length)
  return wrap(plain(text), style.width - hanging.length).map((line, index) => (index === 0 ? margin + bullet : hanging) + line)
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
