import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { ServerAddress, ServerContext } from '#redline/server/provider.js'
import { findOnPath } from '#redline/server/exec.js'
import { enginesFolder, listUnpacked, type UnpackedEngine, unpackedCommand } from '#redline/server/unpacked.js'
import { encodeCommand } from '#redline/wire/encode.js'
import { startServer } from '../support/servers.js'

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'redline-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A world in which nothing is installed: an empty cache, no Docker, and a PATH that holds only what it is given. */
export function world(
  env: NodeJS.ProcessEnv = {},
  signal = new AbortController().signal,
): ServerContext & { said: string[]; folder: string } {
  const folder = temporaryFolder()
  const said: string[] = []
  const nothing = {
    PATH: join(folder, 'bin'),
    REDLINE_ENGINES: join(folder, 'engines'),
    DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
  }
  return {
    folder,
    said,
    env: { ...nothing, HOME: folder, TMPDIR: folder, ...env },
    signal,
    onProgress: (event) => said.push(`${event.kind}: ${'message' in event ? event.message : ''}`),
  }
}

/** Writes an executable shell script. */
export function script(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
}

/** A shell command that runs a real server of this machine with the script's own arguments. */
export async function realServer(): Promise<string> {
  const unpacked = await anUnpackedEngine()
  if (unpacked) {
    const { command } = await unpackedCommand(unpacked)
    return `exec ${command.map((word) => `'${word}'`).join(' ')} "$@"`
  }
  const installed = (await findOnPath('redis-server', process.env)) ?? (await findOnPath('valkey-server', process.env))
  if (installed === undefined) throw new Error('these tests need a redis-server on PATH; a container will not do')
  return `exec '${installed}' "$@"`
}

/** An engine of the cache that tests use, after filling it where that is how servers are got here. */
async function anUnpackedEngine(): Promise<UnpackedEngine | undefined> {
  const folder = enginesFolder(process.env)
  const [engine] = await listUnpacked(folder)
  if (engine) return engine
  await (await startServer()).stop()
  return (await listUnpacked(folder))[0]
}

/** Waits for something that happens soon, however slow the machine is. Throws after 10 s. */
export async function until(what: string, happened: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(10)) if (await happened()) return
  throw new Error(`it never happened that ${what}`)
}

/** Whether a process runs; one that has ended may stay listed until its parent, or the system's first process, asks for it. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

/** What a server answers to one command, in the bytes of the protocol. */
export function ask(address: ServerAddress, ...command: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => socket.write(encodeCommand(command)))
    socket.once('data', (reply) => {
      socket.destroy()
      resolve(reply.toString())
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed without an answer')))
  })
}
