import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { type Info, numberOf } from '../../../redis/info.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { percent } from '../wording.js'

/** A fork for RDB, an AOF rewrite or a new replica copies each page that is written meanwhile: that has to fit beside the data. */
export const rule = defineRule({
  id: 'mem/fork-headroom',
  severity: 'warning',
  summary: 'The memory of a fork would not fit beside the data',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({
    share: shareOption(0.8, "share of the system's memory from which it is reported"),
    floor: bytesOption('100MB', 'bytes from which it is judged'),
  }),
  check: ({ info }, { share, floor }) => {
    const resident = numberOf(info, 'used_memory_rss') ?? 0
    const system = systemMemory(info)
    const copied = Math.max(...COPIED.map((field) => numberOf(info, field) ?? 0))
    const needed = resident + copied
    if (system === undefined || needed < floor || needed / system < share) return []
    return [
      {
        about: 'fork',
        message: `needs ${formatBytes(needed)} (${formatBytes(resident)} resident and ${formatBytes(copied)} copied by the last one), ${percent(needed / system)} of the system's ${formatBytes(system)}`,
        evidence: { residentBytes: resident, copiedBytes: copied, systemBytes: system, share: needed / system },
        remedy: 'Give the machine more memory, lower maxmemory, or save on a replica instead of here.',
        commands: ["redis-cli CONFIG SET maxmemory '<bytes>'"],
      },
    ]
  },
  blind: ({ info }) =>
    systemMemory(info) === undefined ? { kind: 'not assessed', why: "the server does not tell the system's memory" } : undefined,
})

/** Bytes that the last fork of each kind had to copy. */
const COPIED = ['rdb_last_cow_size', 'aof_last_cow_size', 'module_fork_last_cow_size']

function systemMemory(info: Info): number | undefined {
  const bytes = numberOf(info, 'total_system_memory') ?? 0
  return bytes > 0 ? bytes : undefined
}
