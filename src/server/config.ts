import { InapplicableError, InputError } from '../core/errors.js'
import { safeText } from '../core/text.js'
import type { Engine } from './engine.js'

/** Directives by which a server would listen elsewhere, escape its guard, leave files behind or run foreign code. */
const RESERVED = new Set([
  'aclfile',
  'bind',
  'daemonize',
  'dir',
  'include',
  'loadmodule',
  'logfile',
  'pidfile',
  'port',
  'supervised',
  'unixsocket',
  'unixsocketperm',
])

/** Lower-case directive names with their values trimmed. Throws InputError for a directive that redline sets itself or that is none. */
export function checkConfig(config: Record<string, string>): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(config)) {
    const directive = name.toLowerCase()
    if (!/^[a-z][a-z0-9-]*$/.test(directive)) throw new InputError(`"${safeText(name)}" is not a configuration directive`)
    if (RESERVED.has(directive)) {
      throw new InputError(`${directive} can't be configured on a server that redline starts`, {
        hint: `leave it out, or start a server with it yourself and give its address with --target`,
      })
    }
    checked[directive] = value.trim()
  }
  return checked
}

/**
 * Server options for directives as they stand in redis.conf: `save: '900 1'` becomes `--save 900 1`, `"a b"` is one word,
 * and an empty value an empty one. Throws InputError for a value that would be read as another option.
 */
export function configArguments(config: Record<string, string>): string[] {
  return Object.entries(config).flatMap(([directive, value]) => {
    const words = value === '' ? [''] : splitWords(value)
    if (words.some((word) => word.startsWith('--')))
      throw new InputError(`the value of ${directive} may not hold a word that begins with --`)
    return [`--${directive}`, ...words]
  })
}

/** Words between spaces; `"a b"` is one. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(WORD)].map(([word, quoted]) => quoted?.replace(/\\(.)/g, '$1') ?? word)
}

const WORD = /"((?:[^"\\]|\\.)*)"|[^\s"]+/g

/**
 * What a server that ended at once says against its configuration; undefined when that was not the reason. A value
 * that may be a secret is left out.
 */
export function refusedConfig(log: readonly string[], engine: Engine): InapplicableError | undefined {
  const at = log.findIndex((line) => line.includes('FATAL CONFIG FILE ERROR'))
  const quoted = log.findIndex((line, i) => i > at && line.startsWith('>>> '))
  if (at < 0 || quoted < 0) return undefined
  const line = /^>>> '(.*)'$/.exec(log[quoted]!)?.[1] ?? log[quoted]!
  const shown = /pass|auth|^user/i.test(line) ? `${line.split(' ', 1)[0]} …` : line
  const why = log[quoted + 1] ?? 'no reason given'
  const name = `${engine.name} ${engine.version}`
  return new InapplicableError(name, `${name} refuses its configuration at ${safeText(shown)}: ${safeText(why)}`, {
    hint: 'correct the directive, or ask for an engine that knows it with --engine',
  })
}
