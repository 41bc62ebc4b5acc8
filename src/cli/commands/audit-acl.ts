import { EXIT, type ExitCode } from '../../core/errors.js'
import { parseDuration } from '../../core/units.js'
import { aclUsers } from '../../audit/acl-user.js'
import { readServer } from '../../redis/server-facts.js'
import { parseAddress } from '../../wire/address.js'
import { Client } from '../../wire/client.js'
import type { AuditCliOptions } from '../options.js'
import type { World } from '../world.js'

/** `redline audit --print-acl`: the least-privilege user for a server, as lines for redis-cli. Throws RedlineError. */
export async function printAcl(target: string, options: AuditCliOptions, world: World): Promise<ExitCode> {
  const timeoutMs = parseDuration(options.timeout)
  const client = await Client.open(parseAddress(target, world.env), {
    protocol: 2,
    timeoutMs,
    replyTimeoutMs: timeoutMs,
    signal: world.signal,
  })
  try {
    const server = await readServer(client)
    const { full, withoutAclList, notes } = aclUsers(server)
    const lines = [
      `# ${server.engine} ${server.version}: what redline audit needs, and nothing else`,
      full,
      '',
      '# without ACL LIST, which shows hashes of passwords; the rules about users are then not assessed',
      withoutAclList,
      '',
      ...notes.map((note) => `# ${note}`),
    ]
    world.stdout.write(`${lines.join('\n')}\n`)
    return EXIT.ok
  } finally {
    client.close()
  }
}
