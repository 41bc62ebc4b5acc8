import { z } from 'zod'
import { formatBytes, trim } from '../../../core/units.js'
import { type Info, numberOf } from '../../../redis/info.js'
import { bytesOption, countOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'

/** Memory that the process holds and its data does not use: it counts against the machine, not against maxmemory. */
export const rule = defineRule({
  id: 'mem/fragmented',
  severity: 'warning',
  summary: 'The process holds far more memory than its data takes',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({
    ratio: countOption(1.5, 'resident memory as a multiple of used memory above which it is reported'),
    floor: bytesOption('100MB', 'bytes between them above which it is reported'),
  }),
  check: ({ info }, { ratio, floor }) => {
    const used = numberOf(info, 'used_memory') ?? 0
    const resident = numberOf(info, 'used_memory_rss') ?? 0
    const excess = resident - used
    if (used === 0 || resident / used <= ratio || excess <= floor) return []
    const cause = causeOf(info, excess)
    return [
      {
        about: 'memory',
        message: `${formatBytes(resident)} resident for ${formatBytes(used)} of use (ratio ${trim(resident / used, 3)}): ${formatBytes(excess)} more, mostly ${cause.what}`,
        evidence: { usedBytes: used, residentBytes: resident, ratio: resident / used, excessBytes: excess, cause: cause.name },
        remedy: cause.remedy,
        commands: cause.commands,
      },
    ]
  },
})

interface Cause extends Pick<FindingDraft, 'remedy' | 'commands'> {
  name: string
  what: string
  field: string
  commands: string[]
}

/** The parts of the excess as the allocator sees them: within its pages, pages kept for later, and what is not the allocator's. */
const CAUSES: readonly [Cause, ...Cause[]] = [
  {
    name: 'fragmentation',
    field: 'allocator_frag_bytes',
    what: 'holes between values in the same pages',
    remedy: 'Let active defragmentation close the holes where the build has it; otherwise restart a replica and fail over to it.',
    commands: ['redis-cli CONFIG SET activedefrag yes'],
  },
  {
    name: 'unreturned',
    field: 'allocator_rss_bytes',
    what: 'free pages that the allocator keeps',
    remedy: 'Have the allocator give its free pages back to the system.',
    commands: ['redis-cli MEMORY PURGE'],
  },
  {
    name: 'outside the allocator',
    field: 'rss_overhead_bytes',
    what: 'memory outside the allocator',
    remedy: 'Look at what is not data: modules, threads, a fork at work, transparent huge pages.',
    commands: ['redis-cli MEMORY DOCTOR', 'cat /sys/kernel/mm/transparent_hugepage/enabled'],
  },
]

function causeOf(info: Info, excess: number): Cause {
  // The server subtracts unsigned numbers: a part below zero shows as one that is larger than the whole.
  const share = ({ field }: Cause) => {
    const bytes = numberOf(info, field) ?? 0
    return bytes > 2 * excess ? 0 : bytes
  }
  return CAUSES.reduce((most, cause) => (share(cause) > share(most) ? cause : most), CAUSES[0])
}
