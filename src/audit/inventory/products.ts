import type { NameClass } from '../../schema/project.js'

/** What is known of keys that a product writes. */
export interface ProductKeys {
  product: string
  looksLike: NameClass | undefined
  /** Work or records that may not be lost. */
  durable: boolean
}

/** Names that a product writes, whoever else writes beside it: on the text of patterns, whose variables are in angle brackets. */
const PREFIXES: readonly [product: string, names: RegExp, looksLike: NameClass | undefined, durable?: 'durable'][] = [
  // Results, which expire after a day unless that was turned off.
  ['Celery', /^celery-task-meta-/, 'cache'],
  ['Celery', /^unacked_mutex$/, 'lock'],
  ['Celery', /^(celery|_kombu\..+|unacked|unacked_index|celery\\x06\\x16.+)$/, 'queue', 'durable'],
  ['Sidekiq', /^(.+:)?stat:(processed|failed)(:.+)?$/, 'counter'],
  [
    'RQ',
    /^rq:(queues?|jobs?|workers?|finished|failed|started|deferred|scheduled|wip|canceled|results|execution|executions|intermediate|clean_registries)\b/,
    'queue',
    'durable',
  ],
  ['Resque', /^resque:/, 'queue', 'durable'],
  ['Asynq', /^asynq:/, 'queue', 'durable'],
  ['Dramatiq', /^dramatiq:/, 'queue', 'durable'],
  ['Bee-Queue', /^bq:/, 'queue', 'durable'],
  ['Horizon', /^(\w+_)?horizon:/, 'queue', 'durable'],
  ['Laravel', /^(\w+_database_)?queues:/, 'queue', 'durable'],
  ['Laravel', /^\w+_(database_\w+_)?cache_?:/, 'cache'],
  ['Spring Session', /^spring:session:/, 'session'],
  ['connect-redis', /^sess:/, 'session'],
  ['redis-session-store', /^_session_id:/, 'session'],
  ['rate-limiter-flexible', /^rlflx:/, 'rate-limit'],
  ['rate-limit-redis', /^rl:/, 'rate-limit'],
  ['Keyv', /^keyv:/, 'cache'],
  ['Django', /^(\w+)?:<int>:(views\.decorators\.cache|django\.contrib\.sessions)/, 'cache'],
  ['Flask-Caching', /^flask_cache_/, 'cache'],
]

/** Keys that BullMQ (and Bull before it) has for a queue, and those that only a queue of it would have together. */
const BULLMQ_KEYS =
  /^(.+):(id|meta|events|wait|waiting|active|paused|completed|failed|delayed|prioritized|priority|pc|marker|stalled|stalled-check|waiting-children|repeat|limiter|metrics:.+)$/
const BULLMQ_SIGNS = 3
/** Unless it was told another. */
const BULLMQ_PREFIX = /^\{?bull\}?:/

const SIDEKIQ_KEYS = /^(queues|queue:.+|schedule|retry|dead|processes|cron_jobs?.*|.*:work)$/

/** Finds the products among all patterns of a keyspace: some are known by one name, some by names that stand together. */
export class Products {
  readonly #queues: readonly string[]
  readonly #sidekiq: string | undefined

  constructor(patterns: readonly string[]) {
    const bases = new Map<string, number>()
    for (const pattern of patterns) {
      const base = BULLMQ_KEYS.exec(pattern)?.[1]
      if (base !== undefined) bases.set(base, (bases.get(base) ?? 0) + 1)
    }
    this.#queues = [...bases].filter(([, signs]) => signs >= BULLMQ_SIGNS).map(([base]) => base)
    // The set of its queues and their lists, under the same namespace or none.
    const namespaces = patterns.flatMap((pattern) => /^(.+:|)queues$/.exec(pattern)?.[1] ?? [])
    this.#sidekiq = namespaces.find(
      (namespace) =>
        namespace !== 'rq:' &&
        namespace !== 'resque:' &&
        namespace !== 'asynq:' &&
        patterns.some((pattern) => pattern.startsWith(`${namespace}queue:`)),
    )
  }

  of(pattern: string): ProductKeys | undefined {
    const known = PREFIXES.find(([, names]) => names.test(pattern))
    if (known) return { product: known[0], looksLike: known[2], durable: known[3] === 'durable' }
    if (BULLMQ_PREFIX.test(pattern) || this.#queues.some((queue) => pattern.startsWith(`${queue}:`))) return bullMq(pattern)
    if (this.#sidekiq === undefined || !pattern.startsWith(this.#sidekiq)) return undefined
    const isSidekiq = SIDEKIQ_KEYS.test(pattern.slice(this.#sidekiq.length))
    return isSidekiq ? { product: 'Sidekiq', looksLike: 'queue', durable: true } : undefined
  }
}

function bullMq(pattern: string): ProductKeys {
  if (pattern.endsWith(':lock')) return { product: 'BullMQ', looksLike: 'lock', durable: false }
  return { product: 'BullMQ', looksLike: 'queue', durable: true }
}
