import { z } from 'zod'
import { type Info, numberOf } from '../../../redis/info.js'
import { formatBytes, formatDuration, trim } from '../../../core/units.js'
import type { ConfigFacts, HostFacts } from '../../facts.js'
import { bytesOption, durationOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { isOff } from '../parameters.js'

export const rule = defineRule({
  id: 'cfg/os',
  severity: 'warning',
  summary: 'The operating system makes forks slow or fail: huge pages, overcommit, time per gigabyte',
  scope: 'node',
  needs: ['info'],
  wants: ['host', 'config'],
  options: z.strictObject({
    used: bytesOption('100MB', 'resident memory from which the machine’s settings matter'),
    fork: durationOption('100ms', 'time of the last fork from which it is reported'),
    fork_per_gb: durationOption('50ms', 'and its time per gigabyte of resident memory from which it is'),
  }),
  check({ info, host, config }, options) {
    const bytes = numberOf(info, 'used_memory_rss') ?? 0
    if (bytes < options.used) return []
    return [...(host ? [...hugePages(host, config), ...overcommit(host, bytes)] : []), ...slowFork(info, bytes, options)]
  },
  blind: ({ host }) =>
    host ? undefined : { kind: 'not assessed', why: 'the settings of the kernel are not known: it is on another machine' },
})

/** From 6.2 on a server switches huge pages off for itself, unless `disable-thp` is no. */
function hugePages({ transparentHugePages: mode }: HostFacts, config: ConfigFacts | undefined): FindingDraft[] {
  if (mode !== 'always' || (config && isOff(config, 'disable-thp', 'yes') === false)) return []
  return [
    {
      about: 'transparent huge pages',
      message: 'are always on: after a fork each write copies 2 MB instead of 4 KB, in time and in memory',
      evidence: { mode },
      remedy: 'Set them to madvise or never, and make that survive a reboot; from 6.2 on disable-thp yes does it for the server alone.',
      commands: ['echo madvise > /sys/kernel/mm/transparent_hugepage/enabled'],
    },
  ]
}

function overcommit({ overcommitMemory: mode }: HostFacts, bytes: number): FindingDraft[] {
  if (mode === undefined || mode === 1) return []
  return [
    {
      about: 'vm.overcommit_memory',
      message: `is ${mode}: the fork of a server of ${formatBytes(bytes)} may be refused, and with it snapshots, AOF rewrites and new replicas`,
      evidence: { mode, residentBytes: bytes },
      remedy: 'Set it to 1: a fork shares its pages, and needs only what is written while it runs.',
      commands: ['sysctl vm.overcommit_memory=1', 'echo vm.overcommit_memory=1 > /etc/sysctl.d/60-redis.conf'],
    },
  ]
}

function slowFork(info: Info, bytes: number, options: { fork: number; fork_per_gb: number }): FindingDraft[] {
  const ms = (numberOf(info, 'latest_fork_usec') ?? 0) / 1000
  const msPerGb = ms / (bytes / 1024 ** 3)
  if (ms === 0 || ms < options.fork || msPerGb < options.fork_per_gb) return []
  return [
    {
      about: 'fork',
      message: `the last one stopped everybody for ${formatDuration(Number(trim(ms, 3)))}, ${formatDuration(Number(trim(msPerGb, 3)))} per GB of memory`,
      evidence: { forkSeconds: ms / 1000, secondsPerGb: msPerGb / 1000, residentBytes: bytes },
      remedy:
        'Use a virtual machine type whose forks are fast (10 to 20 ms per GB), split the dataset over smaller servers, or fork on replicas only.',
      commands: ["redis-cli INFO | grep -E 'latest_fork_usec|used_memory_rss:'"],
    },
  ]
}
