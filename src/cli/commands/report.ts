import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { auditToJson, parseAuditResult, parseRunResult, renderAudit, renderRun, resultToJson } from '../../index.js'
import { type Style, styleFor, type World } from '../world.js'

type Format = 'terminal' | 'json'

/** `redline report`: the same text that the run or the audit printed, from its saved result. Throws InputError. */
export async function reportCommand(path: string, options: { format: Format }, world: World): Promise<void> {
  const text = await readResultText(path, world.cwd)
  world.stdout.write(shown(text, path, options.format, styleFor(world.stdout, world.env)))
}

function shown(text: string, path: string, format: Format, style: Style): string {
  if (isAudit(text)) {
    const audit = parseAuditResult(text, path)
    return format === 'json' ? auditToJson(audit) : renderAudit(audit, style)
  }
  const run = parseRunResult(text, path)
  return format === 'json' ? resultToJson(run) : `${renderRun(run, style)}\n`
}

/** Whether a document says that it is an audit; what is no JSON is left to its reader to refuse. */
function isAudit(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null && 'schema' in document && String(document.schema).startsWith('redline/audit@')
  } catch {
    return false
  }
}

/** The text of a saved result: of the file, or of the result.json in the folder. Throws InputError when there is none. */
export async function readResultText(shown: string, cwd: string): Promise<string> {
  const path = resolve(cwd, shown)
  try {
    const file = (await stat(path)).isDirectory() ? join(path, 'result.json') : path
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new InputError(`${quote(shown)} can not be read: there is no result`, {
      hint: 'name a result.json, or the folder that it is in',
      cause: error,
    })
  }
}
