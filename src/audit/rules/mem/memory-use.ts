import { type Info, numberOf } from '../../../redis/info.js'

/** How full a server is (INFO memory). */
export interface MemoryUse {
  usedBytes: number
  /** maxmemory. */
  limitBytes: number
  /** From 0 to 1, and above while memory is over its limit. */
  share: number
  policy: string
}

/**
 * Memory as eviction counts it: without replicas' and AOF buffers (mem_not_counted_for_evict). Undefined when there is no limit, and
 * for a replica, which leaves eviction to its primary (replica-ignore-maxmemory).
 */
export function memoryUse(info: Info): MemoryUse | undefined {
  const limitBytes = numberOf(info, 'maxmemory') ?? 0
  if (limitBytes === 0 || info.fields.get('role') === 'slave') return undefined
  const usedBytes = (numberOf(info, 'used_memory') ?? 0) - (numberOf(info, 'mem_not_counted_for_evict') ?? 0)
  return { usedBytes, limitBytes, share: usedBytes / limitBytes, policy: info.fields.get('maxmemory_policy') ?? 'noeviction' }
}
