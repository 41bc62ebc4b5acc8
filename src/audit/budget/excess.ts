/** What a probe saw, in milliseconds. */
export interface Probe {
  sentAt: number
  ms: number
}

/** Probes of a span of time, and those of them that were slower than allowed. */
export interface Excess {
  probes: number
  over: number
  /** More than chance would make of what is allowed, if they were independent. */
  many: boolean
  /** Many, and by more than a stall or two of somebody else would explain. */
  significant: boolean
}

/** What makes one probe late makes its neighbours late too: probes of one block count as one observation. */
const BLOCK_MS = 50
/** Below so many probes, or blocks of them, a share says nothing. */
const FEWEST_PROBES = 20
const FEWEST_BLOCKS = 4
/** Share of the probes that may be slower: what a p99 means. */
export const ALLOWED = 0.01
/** In standard deviations. */
const CERTAIN = 2.5
const CERTAIN_OF_BLOCKS = 2

/**
 * How many probes were slower than `targetMs`, and whether that is more than the share that is allowed, one in a hundred. It has to pass two tests: the count that of
 * independent probes (Poisson), the share that of blocks of time, whose spread tells how much probes depend on each other. A burst of somebody
 * else's work passes the first and not the second: two bursts are two observations, however many probes each of them delays.
 */
export function excessOf(probes: readonly Probe[], targetMs: number, allowed = ALLOWED): Excess {
  const over = probes.reduce((count, { ms }) => count + (ms > targetMs ? 1 : 0), 0)
  const expected = probes.length * allowed
  const many = probes.length >= FEWEST_PROBES && over > expected + CERTAIN * Math.sqrt(expected) + 1
  return { probes: probes.length, over, many, significant: many && isSpread(probes, targetMs, over, allowed) }
}

/** Number of the block of time in which a probe was sent: what makes it late makes its neighbours late too. */
export function blockOf({ sentAt }: Pick<Probe, 'sentAt'>): number {
  return Math.floor(sentAt / BLOCK_MS)
}

/** Whether the share is above what is allowed by the spread that blocks of time show (the ratio estimator of cluster samples). */
function isSpread(probes: readonly Probe[], targetMs: number, over: number, allowed: number): boolean {
  const blocks = new Map<number, { probes: number; over: number }>()
  for (const { sentAt, ms } of probes) {
    const number = blockOf({ sentAt })
    const block = blocks.get(number) ?? { probes: 0, over: 0 }
    block.probes++
    if (ms > targetMs) block.over++
    blocks.set(number, block)
  }
  if (blocks.size < FEWEST_BLOCKS) return false
  const share = over / probes.length
  const squares = [...blocks.values()].reduce((sum, block) => sum + (block.over - share * block.probes) ** 2, 0)
  const deviation = Math.sqrt((squares * blocks.size) / (blocks.size - 1)) / probes.length
  return share - allowed > CERTAIN_OF_BLOCKS * deviation
}
