import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address } from '../../wire/address.js'
import type { HostFacts, Reading } from '../facts.js'

const ELSEWHERE: Reading<HostFacts> = { known: false, why: 'the server runs on another machine, or in a container' }
const UNREADABLE: Reading<HostFacts> = { known: false, why: 'this system has no /proc to read the settings of the kernel from' }

/**
 * Settings of the kernel under the server, when that is this machine: it was called by a loopback address or a unix socket, and
 * its process id is here that of a Redis or Valkey. `root` stands for the root of the file system.
 */
export async function readHost(address: Address, processId: number | undefined, root = '/'): Promise<Reading<HostFacts>> {
  if (!isLocal(address) || processId === undefined) return ELSEWHERE
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined)
  const commandLine = await read(`proc/${processId}/cmdline`)
  if (commandLine === undefined || !/\b(redis|valkey)-(server|sentinel)\b/.test(commandLine)) return ELSEWHERE
  const overcommit = await read('proc/sys/vm/overcommit_memory')
  const hugePages = /\[(\w+)\]/.exec((await read('sys/kernel/mm/transparent_hugepage/enabled')) ?? '')?.[1]
  if (overcommit === undefined && hugePages === undefined) return UNREADABLE
  return {
    known: true,
    value: { transparentHugePages: hugePages, overcommitMemory: overcommit === undefined ? undefined : Number(overcommit) },
  }
}

function isLocal(address: Address): boolean {
  return address.transport === 'unix' || address.host === 'localhost' || address.host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address.host)
}
