import type { PatternFacts } from '../facts.js'

/*
 * Names in lines to copy. They come from the keyspace and so from anybody: a line never holds one that the shell, or redis-cli, would
 * read anything into.
 */

/** A name as one word of a shell command, in single quotes unless it is plain; `<key>`, or what it is, in quotes where none would hold it. */
export function shellWord(name: string, what = 'key'): string {
  if (/^[\w:./@,=+-]+$/.test(name)) return name
  return unquotable(name) ? `'<${what}>'` : `'${name}'`
}

/** A pattern as the key of a command that an application sends: `lock:<int>`, or `<key>` where it is not plain. */
export function commandKey(pattern: string): string {
  return /^[\w:./@,=+<>*{}|#%-]+$/.test(pattern) ? pattern : '<key>'
}

/** The shell command that lists a pattern's keys; none when its glob can't be quoted, or would be that of all keys. */
export function scanLine(pattern: Pick<PatternFacts, 'pattern' | 'contract' | 'other'>, options = ''): string[] {
  const glob = pattern.contract?.pattern ?? globOf(pattern.pattern)
  return pattern.other || unquotable(glob) ? [] : [`redis-cli --scan --pattern '${glob}'${options}`]
}

/** What SCAN MATCH takes for a pattern: `user:*` for `user:<int>`. */
function globOf(pattern: string): string {
  return pattern.replaceAll(/<[a-z*]+>/g, '*').replaceAll(/[[\]?]/g, '?')
}

/** Single quotes end at a quote; a backslash is how names write what can't be shown, which no shell reads back. */
function unquotable(name: string): boolean {
  return /['\\]/.test(name)
}
