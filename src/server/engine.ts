import { InputError } from '../core/errors.js'
import { didYouMean, safeText } from '../core/text.js'

export type EngineName = 'redis' | 'valkey'

/** An engine that was found, with its full version: `7.0.15`. */
export interface Engine {
  name: EngineName
  version: string
}

/** What was asked for; undefined where any will do. */
export interface EngineWish {
  name: EngineName | undefined
  /** Major and minor version: `7.0`. */
  generation: string | undefined
}

/** The engines redline is tested with, oldest first, and the Debian suite whose package each is. */
export const TESTED_ENGINES = [
  { name: 'redis', generation: '6.0', debianSuite: 'bullseye' },
  { name: 'redis', generation: '7.0', debianSuite: 'bookworm' },
  { name: 'redis', generation: '8.0', debianSuite: 'trixie' },
  { name: 'valkey', generation: '8.1', debianSuite: 'trixie' },
  { name: 'valkey', generation: '9.1', debianSuite: 'sid' },
] as const

/** What stands in where any generation will do and there is a choice. */
const USUAL_GENERATION: Record<EngineName, string> = { redis: '7.0', valkey: '9.1' }

/** Reads `redis`, `valkey`, `redis@7.0`, or nothing for any engine. Throws InputError. */
export function parseEngine(text: string | undefined): EngineWish {
  if (text === undefined) return { name: undefined, generation: undefined }
  const [, name, generation] = /^(redis|valkey)(?:@(\d+\.\d+))?$/.exec(text) ?? []
  if (name === 'redis' || name === 'valkey') return { name, generation }
  // Not repeated: it may hold a password.
  if (text.includes('://'))
    throw new InputError('an engine is asked for, and not an address', { hint: 'write redis or valkey@9.1; an address goes with --target' })
  const known = ['redis', 'valkey', ...TESTED_ENGINES.map((engine) => `${engine.name}@${engine.generation}`)]
  throw new InputError(`"${safeText(text)}" is not an engine${didYouMean(text, known)}`, {
    hint: `write ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, or any other major.minor version`,
  })
}

/** `redis@7.0`, `valkey`, or `redis or valkey`. */
export function describeWish(wish: EngineWish): string {
  if (wish.name === undefined) return 'redis or valkey'
  return wish.generation === undefined ? wish.name : `${wish.name}@${wish.generation}`
}

/** The wish with nothing left open: `redis@7.0` for any engine. */
export function settleWish(wish: EngineWish): { name: EngineName; generation: string } {
  const name = wish.name ?? 'redis'
  return { name, generation: wish.generation ?? USUAL_GENERATION[name] }
}

/** Whether an engine is what was asked for. */
export function satisfies(engine: Engine, wish: EngineWish): boolean {
  return (
    (wish.name === undefined || wish.name === engine.name) &&
    (wish.generation === undefined || wish.generation === generationOf(engine.version))
  )
}

/** Major and minor version of a full one: `7.0` of `7.0.15`. */
export function generationOf(version: string): string {
  return version.split('.', 2).join('.')
}

/** What `redis-server --version` tells of itself, whatever the name it was called by; undefined when it is neither engine. */
export function parseVersion(output: string): Engine | undefined {
  const [, name, version] = /^(redis|valkey) server v=(\d+\.\d+[^\s]*)/im.exec(output) ?? []
  if (name === undefined || version === undefined) return undefined
  return { name: name.toLowerCase() === 'valkey' ? 'valkey' : 'redis', version }
}

/** The official image of an engine: `redis:7.0`, `valkey/valkey:9.1`. */
export function imageOf(engine: { name: EngineName; generation: string }): string {
  return `${engine.name === 'redis' ? 'redis' : 'valkey/valkey'}:${engine.generation}`
}
