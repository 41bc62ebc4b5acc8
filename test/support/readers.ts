import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { parse as parseCsv } from 'csv-parse/sync'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { SaxesParser } from 'saxes'

/*
 * Reports as others read them: parsers that know nothing of redline, or, where there is none, ones that follow the format's own
 * definition.
 */

const require = createRequire(import.meta.url)

/** A table by its titles. Throws on what is not RFC 4180: rows of another length, quotes out of place. */
export function readCsv(text: string): Record<string, string>[] {
  return parseCsv(text, { columns: true, record_delimiter: '\r\n' })
}

/** The rows of a table without titles. */
export function readCsvRows(text: string): string[][] {
  return parseCsv(text, { record_delimiter: '\r\n' })
}

export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  /** Its own text, without that of its children. */
  text: string
}

/** The root of a document. Throws unless it is well-formed XML 1.0 of nothing but its characters. */
export function readXml(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: false })
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => void open.pop())
  parser.on('text', (part) => void (open.at(-1)!.text += part))
  parser.on('cdata', () => {
    throw new Error('a section that nothing of ours writes')
  })
  parser.write(text).close()
  return root.children[0]!
}

/** All elements of a name, wherever they are. */
export function elementsOf(root: XmlElement, name: string): XmlElement[] {
  return [...(root.name === name ? [root] : []), ...root.children.flatMap((child) => elementsOf(child, name))]
}

/** A family of metrics as prom2json has it. */
export interface MetricFamily {
  name: string
  help: string
  type: string
  metrics: { value: string; labels?: Record<string, string> }[]
}

/** Metrics in the text format of Prometheus. Throws on a line that is none. */
export const readPrometheus: (text: string) => MetricFamily[] = require('parse-prometheus-text-format')

export interface WorkflowCommand {
  command: string
  properties: Record<string, string>
  message: string
}

/**
 * What the runner of GitHub Actions takes for commands in a log, and how it reads them (ActionCommand.TryParseV2 of actions/runner): a line that begins
 * with `::`, properties until the next `::`, each unescaped. Other lines are text, and of no account here.
 */
export function readWorkflowCommands(log: string): WorkflowCommand[] {
  return log.split(/\r\n|\n|\r/).flatMap((raw) => {
    const line = raw.trimStart()
    const end = line.indexOf('::', 2)
    if (!line.startsWith('::') || end < 0) return []
    const info = line.slice(2, end)
    const space = info.indexOf(' ')
    const command = space < 0 ? info : info.slice(0, space)
    const listed = space < 0 ? [] : info.slice(space + 1).split(',')
    const properties = listed.flatMap((pair) => {
      const equals = pair.indexOf('=')
      return equals < 0 ? [] : [[pair.slice(0, equals).trim(), unescaped(pair.slice(equals + 1), true)]]
    })
    return [{ command, properties: Object.fromEntries(properties), message: unescaped(line.slice(end + 2), false) }]
  })
}

function unescaped(text: string, property: boolean): string {
  const plain = text.replaceAll('%0D', '\r').replaceAll('%0A', '\n')
  return (property ? plain.replaceAll('%3A', ':').replaceAll('%2C', ',') : plain).replaceAll('%25', '%')
}

export interface Hgrm {
  /** In ascending order of percentile, which is from 0 to 1. */
  rows: { value: number; percentile: number; totalCount: number; inverse: number }[]
  mean: number
  standardDeviation: number
  max: number
  totalCount: number
}

/** A percentile file, as AbstractHistogram.outputPercentileDistribution of HdrHistogram's Java code prints it. Throws on any other line. */
export function readHgrm(text: string): Hgrm {
  const lines = text.split('\n')
  if (lines[0] !== '       Value     Percentile TotalCount 1/(1-Percentile)' || lines[1] !== '') throw new Error('no heading')
  const footer = lines.findIndex((line) => line.startsWith('#'))
  const rows = lines.slice(2, footer).map((line) => {
    // "%12.3f %2.12f %10d %14.2f", and without the last for 100%.
    const match = /^ *(\d+\.\d{3}) (\d\.\d{12}) +(\d+)(?: +(\d+\.\d\d))?$/.exec(line)
    if (!match) throw new Error(`no row: ${line}`)
    const [, value, percentile, totalCount, inverse = 'Infinity'] = match
    return { value: Number(value), percentile: Number(percentile), totalCount: Number(totalCount), inverse: Number(inverse) }
  })
  const [, mean, deviation] = /^#\[Mean {4}= +([\d.]+), StdDeviation {3}= +([\d.]+)\]$/.exec(lines[footer]!) ?? []
  const [, max, total] = /^#\[Max {5}= +([\d.]+), Total count {4}= +(\d+)\]$/.exec(lines[footer + 1]!) ?? []
  if (!/^#\[Buckets = +\d+, SubBuckets {5}= +\d+\]$/.test(lines[footer + 2]!) || lines[footer + 3] !== '') throw new Error('no footer')
  return { rows, mean: Number(mean), standardDeviation: Number(deviation), max: Number(max), totalCount: Number(total) }
}

/** The schema of SARIF 2.1.0 that Microsoft publishes with its SDK (MIT). */
const sarifSchema: object = JSON.parse(readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'))
const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false })
addFormats.default(ajv)
const validSarif = ajv.compile(sarifSchema)

/** What is wrong with a SARIF log by its schema; empty when nothing is. */
export function sarifMistakes(log: unknown): string[] {
  return validSarif(log) ? [] : (validSarif.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** Markdown as HTML, with everything that GitHub's dialect has, and HTML in it let through. */
export function markdownToHtml(text: string): string {
  return micromark(text, { allowDangerousHtml: true, allowDangerousProtocol: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] })
}

/** The text of HTML that micromark wrote, without its tags. */
export function textOfHtml(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
