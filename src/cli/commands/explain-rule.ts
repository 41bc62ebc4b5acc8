import { z } from 'zod'
import { formatBytes, formatDuration } from '../../core/units.js'
import { readRulePage } from '../../audit/page.js'
import { loadRule, type RuleId } from '../../audit/rules/registry.js'
import { renderPage } from '../../report/page.js'
import { paint } from '../../report/style.js'
import { wrappedTableLines } from '../../report/table.js'
import { displayWidth, wrap } from '../../report/wrap.js'
import type { Style } from '../world.js'

/** The page of a rule, and the options that redline.config.yaml may set. */
export async function explainRule(id: RuleId, style: Style): Promise<string[]> {
  const [rule, page] = await Promise.all([loadRule(id), readRulePage(id)])
  const options = optionRows(rule.options)
  return [
    ...renderPage(page, style).trimEnd().split('\n'),
    '',
    paint('In redline.config.yaml', 'strong', style),
    '',
    ...settingLines(id, rule.severity, options, style),
    // Some pages have a table of their own, which says more.
    ...(options.length === 0 || page.includes('| option') ? [] : ['', ...optionTable(options, style)]),
  ]
}

/** The rule's setting with all its defaults, in one line where it fits. */
function settingLines(id: RuleId, severity: string, options: readonly OptionRow[], style: Style): string[] {
  const fields = [`severity: ${severity}`, ...options.map(([name, byDefault]) => `${name}: ${byDefault}`)]
  const line = `    rules: { ${id}: { ${fields.join(', ')} } }`
  if (displayWidth(line) <= style.width) return [line]
  const indented = fields.flatMap((field) =>
    wrap(field, style.width - 12).map((part, index) => `        ${index === 0 ? '' : '    '}${part}`),
  )
  return ['    rules:', `      ${id}:`, ...indented]
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
  return Array.isArray(value) ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]` : (JSON.stringify(value) ?? 'none')
}

function optionTable(rows: readonly OptionRow[], style: Style): string[] {
  const column = (title: string, index: 0 | 1 | 2) => ({ title, cells: rows.map((row) => row[index]), align: 'left' as const })
  return wrappedTableLines([column('option', 0), column('default', 1), column('meaning', 2)], style.width - 2).map((line) => `  ${line}`)
}
