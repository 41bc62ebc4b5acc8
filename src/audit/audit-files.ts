import { evaluate } from './evaluate.js'
import { NO_COST, NO_KEYS } from './document.js'
import type { Audited } from './audit.js'
import { type FileTarget, readFiles } from './files/read-files.js'
import type { Policy } from './policy/policy.js'
import { applySettings, type Locate } from './policy/settings.js'

export interface FileAuditOptions {
  policy: Policy
  /** Whose defaults hold for what the files leave out. */
  target: FileTarget
  /** Of redline. */
  version: string
}

/**
 * Audits a redis.conf, an ACL file or both without a server: the rules that need nothing but configuration and users, with findings
 * at file:line. Throws InputError when a file can't be read or has mistakes.
 */
export async function auditFiles(paths: readonly string[], { policy, target, version }: FileAuditOptions): Promise<Audited> {
  const startedAt = new Date()
  const { readings, locate, notes, names } = await readFiles(paths, target)
  const evaluation = evaluate(policy.rules, { expected: { known: false, why: 'files were audited, not a server', absent: true } }, [
    { address: '', readings },
  ])
  const place: Locate = ({ at }) => (at === undefined ? null : (locate(at) ?? null))
  return {
    audit: {
      schema: 'redline/audit@1',
      tool: { name: 'redis-redline', version },
      startedAt: startedAt.toISOString(),
      source: 'files',
      interrupted: false,
      failure: null,
      redacted: false,
      target: { name: names.join(', '), topology: 'files', nodes: [] },
      coverage: { mode: 'none', complete: true, keysThere: 0, keysSeen: 0, vanished: 0, databases: [], lengths: 'none', notes },
      ...NO_KEYS,
      ...applySettings(evaluation, policy, place),
      cost: { ...NO_COST, seconds: (Date.now() - startedAt.getTime()) / 1000, budget: null },
    },
    keyspace: undefined,
    previous: undefined,
    checkpoint: undefined,
  }
}
