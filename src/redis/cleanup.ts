import { setTimeout as sleep } from 'node:timers/promises'
import { SafetyError } from '../core/errors.js'
import { quote } from '../core/text.js'
import { displayAddress } from '../wire/address.js'
import { type Client, asArray, asNumber, asText } from '../wire/client.js'
import { type KeyDomain, type Manifest, assertOwnPrefix, listManifests, removeManifest } from './manifest.js'

export interface CleanupOptions {
  /** Ends the removal between two batches, which then rejects with its reason. */
  signal: AbortSignal
  /** Keys removed so far. */
  onProgress?: (removed: number) => void
}

/** Keys of one UNLINK, of some 1 us each: no other client waits for long. */
const BATCH_KEYS = 500
/** Keys that one SCAN looks at. */
const SCAN_COUNT = 1000

/**
 * Removes all keys of a run from the selected database and says how many there were. Where the run's key domains are fewer keys than the
 * database holds, they are counted through; else, and where there are none, the database is scanned. One batch is under way at a time.
 */
export async function removeKeys(client: Client, run: Pick<Manifest, 'prefix' | 'domains'>, options: CleanupOptions): Promise<number> {
  assertOwnPrefix(run.prefix)
  const stray = run.domains.find(({ template }) => !template.startsWith(run.prefix))
  if (stray) throw new SafetyError(`${quote(stray.template)} is not below ${quote(run.prefix)}; no key is removed`)
  const enumerable = run.domains.reduce((sum, { count }) => sum + count, 0)
  const scan = enumerable === 0 || enumerable > asNumber(await client.call('DBSIZE'))
  return scan ? scanAndRemove(client, run.prefix, options) : enumerateAndRemove(client, run.domains, options)
}

/**
 * Removes every key that begins with a run's prefix, found with SCAN, and says how many there were. It pauses for about as long as
 * each SCAN took, so that the server has half of its time for others.
 */
export async function scanAndRemove(client: Client, prefix: string, options: CleanupOptions): Promise<number> {
  assertOwnPrefix(prefix)
  const start = Buffer.from(prefix)
  let removed = 0
  let cursor = '0'
  do {
    options.signal.throwIfAborted()
    const before = performance.now()
    const [next, found] = asArray(await client.call('SCAN', cursor, 'MATCH', `${escapeGlob(prefix)}*`, 'COUNT', SCAN_COUNT))
    const tookMs = performance.now() - before
    cursor = asText(next)
    const keys = asArray(found).filter((key) => Buffer.isBuffer(key) && key.subarray(0, start.length).equals(start))
    for (let at = 0; at < keys.length; at += BATCH_KEYS) {
      const batch = keys.slice(at, at + BATCH_KEYS).filter((key) => Buffer.isBuffer(key))
      removed += asNumber(await client.call('UNLINK', ...batch))
    }
    options.onProgress?.(removed)
    if (cursor !== '0') await sleep(tookMs, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted())
  } while (cursor !== '0')
  return removed
}

async function enumerateAndRemove(client: Client, domains: readonly KeyDomain[], options: CleanupOptions): Promise<number> {
  let removed = 0
  for (const domain of domains) {
    for (let from = 0; from < domain.count; from += BATCH_KEYS) {
      options.signal.throwIfAborted()
      const keys = Array.from({ length: Math.min(BATCH_KEYS, domain.count - from) }, (_, i) => keyOf(domain, from + i))
      removed += asNumber(await client.call('UNLINK', ...keys))
      options.onProgress?.(removed)
    }
  }
  return removed
}

/** The key with number `i` of a domain. */
export function keyOf(domain: KeyDomain, i: number): string {
  return domain.template.replaceAll('{i}', () => String(i).padStart(domain.width, '0'))
}

/** A text that matches only itself in SCAN MATCH. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&')
}

/** What became of one run's keys. */
export interface CleanedRun {
  id: string
  startedAt: string
  /** `alive`: its process still runs, and nothing was touched. */
  outcome: 'removed' | 'alive'
  pid: number
  /** Keys removed. */
  keys: number
}

/**
 * Removes what crashed runs left on the server of a client and forgets them; runs whose process lives are left alone. `isAlive` tells of
 * a process id; runs of other servers are not looked at.
 */
export async function clean(
  client: Client,
  folder: string,
  options: CleanupOptions & { isAlive: (pid: number) => boolean },
): Promise<CleanedRun[]> {
  const { manifests } = await listManifests(folder)
  const address = displayAddress(client.address)
  const cleaned: CleanedRun[] = []
  for (const manifest of manifests.filter((run) => run.address === address)) {
    const { id, startedAt, pid } = manifest
    if (options.isAlive(pid)) {
      cleaned.push({ id, startedAt, outcome: 'alive', pid, keys: 0 })
      continue
    }
    const keys = await removeKeys(client, manifest, options)
    await removeManifest(folder, id)
    cleaned.push({ id, startedAt, outcome: 'removed', pid, keys })
  }
  return cleaned
}

/** Whether a process of this machine runs; one that belongs to somebody else does too. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
