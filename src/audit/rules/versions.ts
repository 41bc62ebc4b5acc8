import type { ServerFacts } from '../../redis/server-facts.js'

/** Whether a version (`7.0.15`) is older than another (`6.2`), by their numbers; what is not a version is not. */
export function isOlder(version: string, than: string): boolean {
  const [has, wants] = [version, than].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)))
  for (const [i, wanted] of wants!.entries()) {
    const number = has![i] ?? 0
    if (number !== wanted) return number < wanted
  }
  return false
}

/** `needs Redis 6.2 (this is 6.0.16)` for an older Redis; undefined for newer ones and for every Valkey, which began with 7.2. */
export function needsRedis({ engine, version }: ServerFacts, than: string): string | undefined {
  return engine === 'redis' && isOlder(version, than) ? `needs Redis ${than} (this is ${version})` : undefined
}
