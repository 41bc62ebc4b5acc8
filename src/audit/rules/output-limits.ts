import { parseBytes } from '../../core/units.js'
import type { ConfigFacts } from '../facts.js'

/** When a client of a class is disconnected because it does not read its replies; 0: never. */
export interface OutputLimit {
  hardBytes: number
  softBytes: number
  softSeconds: number
}

/** The limits for a class in client-output-buffer-limit (`normal 0 0 0 slave 268435456 67108864 60 ...`); undefined when unknown. */
export function outputLimit(config: ConfigFacts, kind: 'normal' | 'replica' | 'pubsub'): OutputLimit | undefined {
  const words = (config.get('client-output-buffer-limit') ?? '').split(/\s+/)
  const at = words.findIndex((word) => word === kind || (kind === 'replica' && word === 'slave'))
  if (at < 0) return undefined
  const [hard, soft, seconds] = words.slice(at + 1, at + 4)
  const [hardBytes, softBytes, softSeconds] = [sizeOf(hard), sizeOf(soft), Number(seconds)]
  return Number.isNaN(hardBytes + softBytes + softSeconds) ? undefined : { hardBytes, softBytes, softSeconds }
}

/** `33554432` as a server says it, `32mb` as redis.conf does; there `m` alone is a million. */
function sizeOf(text: string | undefined): number {
  const [, digits, unit] = /^(\d+)([kmg]?b?)$/i.exec(text ?? '') ?? []
  if (digits === undefined) return NaN
  const decimal: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9 }
  const factor = decimal[(unit ?? '').toLowerCase()]
  return factor === undefined ? parseBytes(`${digits}${unit}`) : Number(digits) * factor
}
