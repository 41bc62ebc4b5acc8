import type { ServerFacts } from '../../redis/server-facts.js'
import { compareVersions } from '../versions.js'

/** `needs Redis 6.2 (this is 6.0.16)` for an older Redis; undefined for newer ones and for every Valkey, which began with 7.2. */
export function needsRedis({ engine, version }: ServerFacts, than: string): string | undefined {
  return engine === 'redis' && compareVersions(version, than) < 0 ? `needs Redis ${than} (this is ${version})` : undefined
}
