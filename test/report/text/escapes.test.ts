import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvCell, csvTable } from '#redline/report/text/csv.js'
import { exposition } from '#redline/report/text/exposition.js'
import { bytesOf, withinBytes } from '#redline/report/text/limit.js'
import { logText } from '#redline/report/text/log.js'
import { markdownCode, markdownFence, markdownTable, markdownText } from '#redline/report/text/markdown.js'
import { annotationCommand, limited } from '#redline/report/text/workflow-command.js'
import { element } from '#redline/report/text/xml.js'
import { hostileText } from '../../support/hostile.js'
import { markdownToHtml, readCsvRows, readPrometheus, readWorkflowCommands, readXml, textOfHtml } from '../../support/readers.js'

const RUNS = { numRuns: 300 }
/** Text that nothing can be made of in UTF-8. */
const wellFormed = hostileText.filter((text) => !/\p{Cs}/u.test(text))

describe('CSV', () => {
  test('comes back as it was, but for the apostrophe before what begins as a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.array(wellFormed, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 }), (rows) => {
        const read = readCsvRows(csvTable(['a', 'b'], rows)).slice(1)
        expect(read).toEqual(rows.map((row) => row.map((cell) => (/^[\s\0]*['=+\-@＝＋－＠]/u.test(cell) ? `'${cell}` : cell))))
      }),
      RUNS,
    )
  })

  test('has no cell that a spreadsheet takes for a formula, and numbers as they are', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(csvCell(text).replace(/^"/, '')).not.toMatch(/^[\s\0]*[=+\-@＝＋－＠]/u)
      }),
      RUNS,
    )
    expect([csvCell(-5), csvCell(0.25), csvCell(NaN), csvCell(null), csvCell(false)]).toEqual(['-5', '0.25', '', '', 'false'])
    expect(['=1+1', '-5', ' =x', '\t=x', '@x', '+1'].map(csvCell)).toEqual(["'=1+1", "'-5", "' =x", "'\t=x", "'@x", "'+1"])
  })
})

describe('XML', () => {
  test('is well-formed whatever is in it, and comes back, with what it can not hold escaped', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (attribute, text) => {
        const root = readXml(element('a', { b: attribute }, [element('c', { d: text })]))
        const [read, child] = [root.attributes['b']!, root.children[0]!.attributes['d']!]
        expect(root.children).toHaveLength(1)
        for (const [was, is] of [
          [attribute, read],
          [text, child],
        ] as const) {
          // oxlint-disable-next-line no-control-regex -- what XML can't hold
          const possible = was.replaceAll(/[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
          expect(is.replaceAll(/\\(x[\da-f]{2}|u[\da-f]{4})/g, '')).toBe(possible.replaceAll(/\\(x[\da-f]{2}|u[\da-f]{4})/g, ''))
        }
      }),
      RUNS,
    )
  })
})

describe('workflow commands', () => {
  test('are one line and one command, and come back as they were', () => {
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, (title, message, file) => {
        const text = annotationCommand({ level: 'warning', title, message, at: { file, line: 3, column: 7 } })
        expect(text.split('\n')).toHaveLength(2)
        expect(readWorkflowCommands(text)).toEqual([{ command: 'warning', properties: { title, file, line: '3', col: '7' }, message }])
      }),
      RUNS,
    )
  })

  test('are ten of a kind, errors first, and the last says how many are missing', () => {
    const make = (level: 'error' | 'warning' | 'notice', count: number) =>
      Array.from({ length: count }, (_, i) => ({ level, title: `${level} ${i}`, message: 'x' }))
    const kept = limited([...make('notice', 3), ...make('warning', 11), ...make('error', 10)])
    expect(kept.map(({ level }) => level)).toEqual([...Array(10).fill('error'), ...Array(10).fill('warning'), ...Array(3).fill('notice')])
    expect(kept[9]!.title).toBe('error 9')
    expect([kept[18]!.title, kept[19]!.title]).toEqual(['warning 8', '2 more warnings'])
  })
})

describe('Prometheus', () => {
  test('labels come back as they were', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        const text = exposition([{ name: 'm', help: 'any', samples: [{ labels: { a, b }, value: 1 }] }])
        const read = readPrometheus(text)
        expect(read).toHaveLength(1)
        expect(read[0]!.metrics).toEqual([{ value: '1', labels: { a, b } }])
      }),
      RUNS,
    )
  })

  test('series are there once, and numbers as Prometheus writes them', () => {
    const sample = (value: number, labels = {}) => ({ labels, value })
    const text = exposition([
      {
        name: 'a',
        help: 'A\nB',
        samples: [sample(1, { x: '1' }), sample(2, { x: '1' }), sample(Infinity, { x: '2' }), sample(NaN, { x: '3' })],
      },
      { name: 'b', help: 'nothing', samples: [] },
    ])
    expect(text).toBe('# HELP a A\\nB\n# TYPE a gauge\na{x="1"} 1\na{x="2"} +Inf\na{x="3"} NaN\n')
  })
})

describe('Markdown', () => {
  const visible = (html: string) => textOfHtml(html).replaceAll('\u200b', '').replaceAll(/\s+/g, ' ').trim()
  const asText = (text: string) => text.replaceAll('\u200b', '').replaceAll('\0', '\ufffd').replaceAll(/\s+/g, ' ').trim()
  const plain = wellFormed.filter((text) => text.trim() !== '')

  test('text reads as it is: no markup, no HTML, no link, wherever it stands', () => {
    fc.assert(
      fc.property(plain, (text) => {
        const escaped = markdownText(text)
        const paragraph = markdownToHtml(escaped)
        expect(paragraph.replaceAll(/<\/?p>/g, '')).not.toMatch(/<[a-z!/]/i)
        expect(visible(paragraph)).toBe(asText(text))
        const item = markdownToHtml(`- **x** ${escaped}`)
        expect(item.replaceAll(/<\/?(ul|li|strong)>/g, '')).not.toMatch(/<[a-z!/]/i)
        expect(visible(item)).toBe(asText(`x ${text}`))
      }),
      RUNS,
    )
  })

  test('cells of a table stay in their cells', () => {
    fc.assert(
      fc.property(plain, plain, (name, text) => {
        const table = markdownTable([
          { title: 'a', align: 'left', cells: [markdownCode(name, 'table')] },
          { title: 'b', align: 'right', cells: [markdownText(text)] },
        ])
        const html = markdownToHtml(table)
        expect(html.match(/<td/g)).toHaveLength(2)
        const [, first = '', second = ''] = /<td[^>]*>([^]*?)<\/td>\s*<td[^>]*>([^]*?)<\/td>/.exec(html) ?? []
        expect(first).toMatch(/^<code>[^<]*<\/code>$/)
        expect(second).not.toMatch(/</)
        expect([visible(first), visible(second)]).toEqual([asText(name), asText(text)])
      }),
      RUNS,
    )
  })

  test('names stay in their code, and lines in their fence', () => {
    fc.assert(
      fc.property(plain, plain, (name, line) => {
        expect(markdownToHtml(`x ${markdownCode(name)} y`)).toMatch(/^<p>x <code>[^<]*<\/code> y<\/p>$/)
        const html = markdownToHtml(`${markdownFence([name, line], 'sh')}\n\nafter`)
        expect(html).toMatch(/^<pre><code class="language-sh">[^<]*<\/code><\/pre>\n<p>after<\/p>$/)
      }),
      RUNS,
    )
  })

  test('nobody is mentioned, and no issue', () => {
    for (const text of ['@someone', 'a @org/team b', '#123', 'a/b#1', 'GH-12', 'gh-12', '#12;'])
      expect(textOfHtml(markdownToHtml(`x ${markdownText(text)}`))).not.toMatch(/@\w|#\d|gh-\d/i)
  })
})

describe('a limit', () => {
  const parts = (sizes: number[]) => sizes.map((size, i) => ({ text: String(i % 10).repeat(size), things: 1 }))
  const rest = (things: number) => `${things} more`

  test('is kept, and what is left out is counted', () => {
    expect(withinBytes(parts([3, 3]), 10, rest)).toBe('000\n\n111\n')
    expect(withinBytes(parts([3, 3, 3]), 13, rest)).toBe('000\n\n2 more\n')
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }), fc.integer({ min: 20, max: 300 }), (sizes, most) => {
        const text = withinBytes(parts(sizes), most, rest)
        expect(bytesOf(text)).toBeLessThanOrEqual(Math.max(most, 1))
        const told = /(\d+) more\n$/.exec(text)
        const shown = text.split('\n\n').length - (told ? 1 : 0)
        expect(shown + Number(told?.[1] ?? 0)).toBe(sizes.length)
      }),
      RUNS,
    )
  })

  test('counts bytes, not characters', () => {
    expect(bytesOf('日本🦊')).toBe(10)
  })
})

describe('a log', () => {
  test('holds no command for a CI system', () => {
    const text = logText('::error::x\n   ::warning::y\n a::b\n##[error]z ##vso[task.x]y ##teamcity[z]\n## heading')
    expect(readWorkflowCommands(text)).toEqual([])
    expect(text).toBe('\\x3a:error::x\n   \\x3a:warning::y\n a::b\n#\\x23[error]z #\\x23vso[task.x]y #\\x23teamcity[z]\n## heading')
    fc.assert(
      fc.property(hostileText, (line) => {
        expect(readWorkflowCommands(logText(line.replaceAll('\r', '')))).toEqual([])
      }),
      RUNS,
    )
  })
})
