import { isAbsolute, relative, resolve } from 'node:path'
import { InputError } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { auditFiles } from '../../audit/audit-files.js'
import type { Audited } from '../../audit/audit.js'
import type { AuditCliOptions } from '../options.js'
import type { World } from '../world.js'
import type { Judgement } from './audit-policy.js'

/** Options that mean something only where there is a server. */
const FOR_SERVERS = [
  'sample',
  'db',
  'expectRole',
  'maxImpact',
  'maxOps',
  'maxTime',
  'allow',
  'resume',
  'since',
  'watch',
  'printAcl',
  'suggestContracts',
] as const

/** Audits redis.conf and ACL files. Throws InputError. */
export async function auditFilesCommand(
  files: readonly string[],
  { policy }: Judgement,
  options: AuditCliOptions,
  world: World,
): Promise<Audited> {
  const stray = FOR_SERVERS.find((name) => options[name] !== undefined)
  if (stray !== undefined)
    throw new InputError(`--${stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is for servers, not for files`)
  // As the user named them, wherever this process is.
  const paths = files.map((file) => (isAbsolute(file) ? file : relative(process.cwd(), resolve(world.cwd, file))))
  return auditFiles(paths, { policy, target: engineOf(options.engine ?? 'redis'), version: world.version })
}

function engineOf(text: string): { engine: 'redis' | 'valkey'; version?: string } {
  const [, engine, version] = /^(redis|valkey)(?:@(\d+(?:\.\d+)*))?$/.exec(text) ?? []
  if (engine !== 'redis' && engine !== 'valkey')
    throw new InputError(`${quote(text)} is no engine`, { hint: 'write redis, valkey, redis@7.0 or valkey@8.1' })
  return { engine, ...(version === undefined ? {} : { version }) }
}
