import { safeText } from '../../core/text.js'
import { hostPort } from '../../wire/address.js'
import { fieldsIn, type Info, numberOf } from '../../redis/info.js'
import type { ReplicationFacts } from '../facts.js'

/** INFO replication (https://redis.io/docs/latest/commands/info/); `fullSyncs` are counted elsewhere, because that takes time. */
export function replicationOf(info: Info, fullSyncs: number): ReplicationFacts {
  const isReplica = info.fields.get('role') === 'slave'
  return {
    role: isReplica ? 'replica' : 'master',
    replicas: replicasIn(info),
    link: isReplica ? linkOf(info) : undefined,
    fullSyncs,
  }
}

/** `slave0:ip=10.0.0.2,port=6379,state=online,offset=42,lag=1` */
function replicasIn(info: Info): ReplicationFacts['replicas'] {
  const offset = numberOf(info, 'master_repl_offset') ?? 0
  const lines = [...(info.sections.get('replication') ?? [])].filter(([name]) => /^slave\d+$/.test(name))
  return lines.map(([, line]) => {
    const fields = fieldsIn(line)
    const number = (name: string) => Number(fields.get(name)) || 0
    return {
      address: safeText(hostPort(fields.get('ip') ?? '', number('port'))),
      state: safeText(fields.get('state') ?? ''),
      lagSeconds: number('lag'),
      offsetBehindBytes: Math.max(0, offset - number('offset')),
    }
  })
}

function linkOf(info: Info): ReplicationFacts['link'] {
  const number = (name: string) => Math.max(0, numberOf(info, name) ?? 0)
  return {
    up: info.fields.get('master_link_status') === 'up',
    downSeconds: number('master_link_down_since_seconds'),
    lastIoSeconds: number('master_last_io_seconds_ago'),
    syncing: info.fields.get('master_sync_in_progress') === '1',
  }
}
