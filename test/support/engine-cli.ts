import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { parseEngine } from '#redline/server/engine.js'
import { findOnPath } from '#redline/server/exec.js'
import { enginesFolder, isWished, listUnpacked, unpackedCommand } from '#redline/server/unpacked.js'
import type { TestServer } from './servers.js'

const run = promisify(execFile)

/** What redis-cli, or valkey-cli, of a server's own version prints; undefined where there is none here. */
export async function engineCli(
  wish: string,
  server: Pick<TestServer, 'host' | 'port'>,
  args: readonly string[],
): Promise<string | undefined> {
  const cli = await cliOf(wish)
  if (!cli) return undefined
  const [file, ...rest] = [...cli.command, '-h', server.host, '-p', String(server.port), ...args]
  const { stdout } = await run(file!, rest, { env: { ...process.env, ...cli.env, LC_ALL: 'C' }, maxBuffer: 64 * 1024 ** 2 })
  return stdout
}

async function cliOf(wish: string): Promise<{ command: string[]; env: Record<string, string> } | undefined> {
  const wished = parseEngine(wish)
  const unpacked = (await listUnpacked(enginesFolder(process.env))).find((candidate) => isWished(candidate, wished))
  if (unpacked) {
    const { command, env } = await unpackedCommand(unpacked)
    return { command: command.map((word) => word.replace(/-server$/, '-cli')), env }
  }
  const file = await findOnPath(`${wished.name ?? 'redis'}-cli`, process.env)
  return file === undefined ? undefined : { command: [file], env: {} }
}
