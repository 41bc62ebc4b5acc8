import { EXIT, type ExitCode } from '../../core/errors.js'
import { suggestContracts } from '../../audit/inventory/suggest.js'
import { contractsText } from '../../config/contracts-text.js'
import type { AuditCliOptions } from '../options.js'
import type { World } from '../world.js'
import { judgementOf } from './audit-policy.js'
import { auditServer } from './audit-server.js'

/** `redline audit --suggest-contracts`: a first redline.config.yaml, from what the keyspace holds. Throws RedlineError. */
export async function suggestContractsCommand(target: string, options: AuditCliOptions, world: World): Promise<ExitCode> {
  const judgement = await judgementOf(options, world)
  // Patterns that are declared already would be suggested as they are declared.
  const undeclared = { ...judgement, policy: { ...judgement.policy, contracts: [] } }
  const { audit, keyspace } = await auditServer(target, undeclared, options, world)
  if (audit.failure !== null) world.stderr.write(`redline: not all keys were read: ${audit.failure}\n`)
  world.stdout.write(contractsText(keyspace === undefined ? [] : suggestContracts(keyspace)))
  return audit.failure === null ? EXIT.ok : EXIT.usage
}
