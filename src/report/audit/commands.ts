import type { AuditResult, Finding } from '../../schema/audit.js'
import type { Style } from '../style.js'
import { displayWidth } from '../wrap.js'
import { shown } from '../words.js'

/** Lines that name a server, or ask a tool of redis-cli that does, are complete. */
const NAMES_A_SERVER = /^redis-cli (-h|-p|-s|-u|--cluster)\b/

/**
 * A line to copy as it is typed where the audit was: redis-cli without an address asks a server on the machine of whoever copies it,
 * which is the wrong one unless that was audited. Credentials are left to the reader (REDISCLI_AUTH).
 */
export function addressed(command: string, { nodes }: Pick<Finding, 'nodes'>, { target, coverage }: AuditResult): string {
  if (!command.startsWith('redis-cli ') || NAMES_A_SERVER.test(command) || target.topology === 'files') return command
  const primary = target.topology === 'sentinel' ? target.nodes.find(({ role }) => role === 'master')?.address : undefined
  const where = whereIs(nodes[0] ?? primary ?? target.name)
  if (where === undefined) return command
  const tls = target.name.startsWith('rediss://') ? ['--tls'] : []
  const [db = 0] = coverage.databases
  const database = coverage.databases.length === 1 && db !== 0 ? ['-n', String(db)] : []
  return ['redis-cli', ...where, ...tls, ...database, command.slice('redis-cli '.length)].join(' ')
}

/** Options of redis-cli for `redis://host:port/0`, `unix:///path` or `host:port`; undefined when a shell would not take it as it is. */
function whereIs(name: string): string[] | undefined {
  const [, path] = /^unix:\/\/([\w./-]+)/.exec(name) ?? []
  if (path !== undefined) return ['-s', path]
  const [, v6, plain, port = '6379'] = /^(?:[a-z]+:\/\/)?(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d+))?(?:\/\d*)?$/i.exec(name) ?? []
  const host = v6 ?? plain
  if (host === undefined) return undefined
  return [...(/^(127\.0\.0\.1|localhost)$/.test(host) ? [] : ['-h', host]), ...(port === '6379' ? [] : ['-p', port])]
}

/** The same in lines that fit, each but the last ending as a shell takes up lines again; what is no shell's line stays whole. */
export function commandLines(command: string, width: number, style: Style): string[] {
  const text = shown(command, style)
  if (displayWidth(text) <= width || !text.startsWith('redis-cli ') || text.includes('\\')) return [text]
  const lines: string[] = []
  let line = ''
  // Spaces within quotes are no places to break at.
  for (const word of text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []) {
    const joined = line === '' ? word : `${line} ${word}`
    if (line !== '' && displayWidth(joined) + 2 > width) {
      lines.push(`${line} \\`)
      line = `  ${word}`
    } else {
      line = joined
    }
  }
  return [...lines, line]
}
