import { z } from 'zod'
import { formatBytes, formatDuration } from '../../core/units.js'
import { loadRule, readRulePage, renderPage, type RuleId } from '../../index.js'
import { tableLines } from '../../report/table.js'
import type { Style } from '../world.js'

/** The page of a rule, and the options that redline.config.yaml may set. */
export async function explainRule(id: RuleId, style: Style): Promise<string[]> {
  const [rule, page] = await Promise.all([loadRule(id), readRulePage(id)])
  const options = optionRows(rule.options)
  const settings = [`severity: ${rule.severity}`, ...options.map(([name, byDefault]) => `${name}: ${byDefault}`)].join(', ')
  return [
    ...renderPage(page, style).trimEnd().split('\n'),
    '',
    'In redline.config.yaml',
    '',
    `    rules: { ${id}: { ${settings} } }`,
    ...(options.length === 0 ? [] : ['', ...optionTable(options)]),
  ]
}

type OptionRow = [name: string, byDefault: string, description: string]

const optionSchema = z.object({ description: z.string().default(''), unit: z.string().optional() })
const optionsSchema = z.object({ properties: z.record(z.string(), optionSchema).default({}) })

function optionRows(options: z.ZodObject): OptionRow[] {
  const { properties } = optionsSchema.parse(z.toJSONSchema(options, { io: 'input' }))
  const defaults = options.parse({})
  return Object.entries(properties).map(([name, { unit, description }]) => [name, asWritten(defaults[name], unit), description])
}

/** As it can be written in the file. */
function asWritten(value: unknown, unit: string | undefined): string {
  if (typeof value === 'number' && unit === 'bytes') return formatBytes(value).replace(' ', '')
  if (typeof value === 'number' && unit === 'ms') return formatDuration(value).replace(' ', '')
  return JSON.stringify(value) ?? 'none'
}

function optionTable(rows: readonly OptionRow[]): string[] {
  const column = (title: string, index: 0 | 1 | 2) => ({ title, cells: rows.map((row) => row[index]), align: 'left' as const })
  return tableLines([column('option', 0), column('by default', 1), column('', 2)]).map((line) => `  ${line}`)
}
