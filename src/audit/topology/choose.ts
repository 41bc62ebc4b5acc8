import type { Address } from '../../wire/address.js'
import type { Reading } from '../facts.js'
import { nodeName, type Shard } from './deployment.js'

/** A replica as it tells of itself, or why it could not be asked. */
export interface Candidate {
  address: Address
  state: Reading<ReplicaState>
}

export interface ReplicaState {
  loading: boolean
  linkUp: boolean
  /** Seconds since the primary heard of it, or it of the primary. */
  lagSeconds: number
  /** Its data are those of the primary that it was found by: master_replid, or its place in the cluster. */
  related: boolean
}

/** A replica further behind would tell of a keyspace that is gone. */
export const MOST_LAG_SECONDS = 10

/**
 * Whose keys are read: the replica that is least behind, so that the primary is spared; the primary when there is no good one, or
 * `preferReplica` is off; nobody when nobody can be reached.
 */
export function chooseScan(primary: Reading<Address>, replicas: readonly Candidate[], preferReplica: boolean): Shard {
  const refused: string[] = []
  const usable = replicas.flatMap(({ address, state }) => {
    const why = objection(state)
    if (why !== undefined) refused.push(`its replica ${nodeName(address)} ${why}`)
    return why === undefined && state.known ? [{ address, lagSeconds: state.value.lagSeconds }] : []
  })
  const [best] = usable.toSorted((a, b) => a.lagSeconds - b.lagSeconds)
  const address = primary.known ? primary.value : undefined
  if (best && (preferReplica || !address)) {
    const behind = best.lagSeconds === 0 ? 'not behind' : `${best.lagSeconds} s behind`
    const spared = primary.known ? '' : ` (${primary.why})`
    return {
      primary: address,
      scan: best.address,
      role: 'replica',
      lagSeconds: best.lagSeconds,
      note: `read from its replica ${nodeName(best.address)}, ${behind}${spared}`,
    }
  }
  if (!primary.known)
    return {
      primary: undefined,
      scan: undefined,
      role: 'master',
      lagSeconds: null,
      note: `not read: ${[primary.why, ...refused].join('; ')}`,
    }
  const note = preferReplica && refused.length > 0 ? `read from the primary: ${refused.join('; ')}` : undefined
  return { primary: primary.value, scan: primary.value, role: 'master', lagSeconds: null, note }
}

function objection(state: Candidate['state']): string | undefined {
  if (!state.known) return `can't be used: ${state.why}`
  const { loading, linkUp, lagSeconds, related } = state.value
  // Only when its data are there does it have the replication id of its primary.
  if (loading) return 'is still loading its data'
  if (!related) return 'is a replica of something else'
  if (!linkUp) return 'has lost its primary'
  return lagSeconds > MOST_LAG_SECONDS ? `is ${lagSeconds} s behind` : undefined
}
