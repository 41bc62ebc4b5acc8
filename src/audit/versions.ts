import type { ServerFacts } from '../redis/server-facts.js'

/** From which version on an engine has something; undefined: it never does. */
export interface Since {
  redis?: string
  valkey?: string
}

/** Whether a server is new enough to have what its engine has `since`. */
export function has(server: Pick<ServerFacts, 'engine' | 'version'>, since: Since): boolean {
  const first = since[server.engine]
  return first !== undefined && compareVersions(server.version, first) >= 0
}

/** Below zero when `a` is older than `b`: 6.0.16 is older than 6.2. What is not a version counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = partsOf(a)
  const right = partsOf(b)
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function partsOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0)
}
