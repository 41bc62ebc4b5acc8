import { z } from 'zod'
import type { ConfigFacts, ReplicationFacts } from '../../facts.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { type Exposure, exposureOf, isOpen, isProtected, listening } from '../exposure.js'

/** Passwords and data cross the network in the clear. */
export const rule = defineRule({
  id: 'sec/no-tls',
  severity: 'warning',
  summary: 'The server takes connections from other machines without TLS',
  needs: ['config'],
  wants: ['server', 'replication', 'acl'],
  scope: 'node',
  options: z.strictObject({}),
  check({ config, server, replication, acl }) {
    const exposure = exposureOf(config, server)
    if (exposure === undefined || exposure === 'loopback') return []
    // Nobody from elsewhere gets in: nothing crosses the network until that changes.
    if (acl && isOpen(acl) && isProtected(config, server) === true) return []
    return config.get('tls-port') === undefined || config.get('tls-port') === '0'
      ? [withoutTls(exposure)]
      : [...alsoPlain(config, exposure), ...plainLinks(config, server?.topology === 'cluster', replication)]
  },
  blind: ({ config, server }) =>
    exposureOf(config, server) === undefined
      ? { kind: 'not assessed', why: 'the configuration does not tell where the server listens' }
      : undefined,
})

function withoutTls(exposure: Exposure): FindingDraft {
  return {
    about: 'tls-port',
    message: `is not set while the server listens ${listening(exposure)}: passwords and data cross the network in the clear`,
    evidence: { exposure, tlsPort: 0 },
    remedy: 'Open a TLS port, move the clients over, then close the plain one.',
    commands: [
      'redis-cli CONFIG SET tls-cert-file /etc/redis/tls/server.crt',
      'redis-cli CONFIG SET tls-key-file /etc/redis/tls/server.key',
      'redis-cli CONFIG SET tls-ca-cert-file /etc/redis/tls/ca.crt',
      'redis-cli CONFIG SET tls-port 6380',
      'redis-cli CONFIG SET port 0',
    ],
    severity: exposure === 'any' ? 'warning' : 'note',
    at: { parameter: 'tls-port' },
  }
}

function alsoPlain(config: ConfigFacts, exposure: Exposure): FindingDraft[] {
  const port = config.get('port') ?? '6379'
  if (port === '0') return []
  return [
    {
      about: 'port',
      message: `${port} still takes connections without TLS beside tls-port ${config.get('tls-port')}`,
      evidence: { exposure, port: Number(port), tlsPort: Number(config.get('tls-port')) },
      remedy: 'Close the plain port once no client uses it.',
      commands: ['redis-cli CLIENT LIST', 'redis-cli CONFIG SET port 0'],
      severity: 'note',
      at: { parameter: 'port' },
    },
  ]
}

/** Replication and the cluster bus stay plain unless they are told to use TLS, also on a server whose clients use it. */
function plainLinks(config: ConfigFacts, cluster: boolean, replication: ReplicationFacts | undefined): FindingDraft[] {
  const replicates = replication !== undefined && (replication.role === 'replica' || replication.replicas.length > 0)
  const links = [
    ...(replicates ? [{ parameter: 'tls-replication', what: 'replicas copy the data' }] : []),
    ...(cluster ? [{ parameter: 'tls-cluster', what: 'the nodes of the cluster talk' }] : []),
  ]
  return links
    .filter(({ parameter }) => config.get(parameter) === 'no')
    .map(({ parameter, what }) => ({
      about: parameter,
      message: `is off, so ${what} without TLS though clients use it`,
      evidence: { parameter, tlsPort: Number(config.get('tls-port')) },
      remedy: 'Switch it on on every server of the deployment, replicas first.',
      commands: [`redis-cli CONFIG SET ${parameter} yes`],
      at: { parameter },
    }))
}
