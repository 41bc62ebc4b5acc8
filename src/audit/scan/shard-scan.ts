import { setTimeout as sleep } from 'node:timers/promises'
import { RedlineError } from '../../core/errors.js'
import { Rng } from '../../core/rng.js'
import { displayAddress } from '../../wire/address.js'
import type { KeySink, Stratum } from '../key-record.js'
import { CountLimit } from './count-limit.js'
import { Delivery } from './delivery.js'
import { modulesCame, restarted, StoppedByPace, unknownProcess } from './failure.js'
import { FactList, type Refused } from './key-facts.js'
import { Lengths } from './lengths.js'
import { isLostConnection, Pipeline } from './pipeline.js'
import { planBlocks, type Share } from './sample-plan.js'
import { SampleSource } from './sample-source.js'
import type { KeyCounts, ScanOptions, ScanTarget, ShardReport, ShardState } from './report.js'
import { readSegments } from './segments.js'
import { haveModulesCome, openSession, type Session } from './session.js'
import { FullSource, type Source } from './source.js'
import { noTraffic } from '../../wire/traffic.js'
import { TYPE_COMMAND, Types } from './types.js'
import { Words } from './words.js'

/** What the scans of all shards share. */
export interface ScanContext {
  sink: KeySink
  /** Numbered by their place here. */
  strata: Stratum[]
  /** Of a sample: how much of each database of this shard is drawn. */
  shares: readonly Share[] | undefined
  signal: AbortSignal
  onProgress: () => void
}

/** Reads the databases of one server, one after the other. */
export class ShardScan {
  readonly #target: ScanTarget
  readonly #options: ScanOptions & { backoffMs: readonly number[] }
  readonly #context: ScanContext
  readonly #traffic = noTraffic()
  readonly #words = new Words()
  readonly #facts: FactList
  readonly #types = new Types(this.#words)
  readonly #lengths = new Lengths(this.#words)
  readonly #limit = new CountLimit()
  readonly #delivery: Delivery
  readonly #resumed: ShardState | undefined
  readonly #databases: ShardState['databases']
  readonly counts: KeyCounts
  #runId: string
  #connected = false
  #reconnects = 0
  /** Batches that were delivered: an attempt to go on that came further than the one before counts as the first. */
  #batches = 0
  /** Databases that were read with and without lengths. */
  #measured = { with: 0, without: 0 }

  constructor(target: ScanTarget, options: ScanOptions & { backoffMs: readonly number[] }, context: ScanContext) {
    this.#target = target
    this.#options = options
    this.#context = context
    this.#facts = new FactList(options.idle)
    const address = displayAddress({ ...target.address, db: 0 })
    this.#resumed = options.resume?.shards.find((state) => state.shard === target.shard && state.address === address)
    this.#runId = this.#resumed?.runId ?? ''
    this.counts = { ...noKeys(), ...this.#resumed?.counts }
    const before = new Map(this.#resumed?.databases.map((state) => [state.db, state]))
    this.#databases = target.databases.map((db) => ({ ...(before.get(db) ?? { db, cursor: '0', done: false }) }))
    this.#delivery = new Delivery(context.sink, this.#words, this.counts, target.shard)
  }

  /** How far it has come. */
  get state(): ShardState {
    return {
      shard: this.#target.shard,
      address: displayAddress({ ...this.#target.address, db: 0 }),
      runId: this.#runId,
      counts: { ...this.counts },
      recent: this.#delivery.recent,
      databases: this.#databases.map((database) => ({ ...database })),
    }
  }

  /** Reads everything, or until it can't go on: why is in the report. Throws only what is no RedlineError, as a defect of the sink. */
  async run(): Promise<ShardReport> {
    let failure: Error | undefined
    try {
      for (const database of this.#databases) if (!database.done) await this.#read(database)
    } catch (error) {
      if (error instanceof StoppedByPace) failure = error.reason
      else if (error instanceof RedlineError) failure = error
      else if (!this.#context.signal.aborted) throw error
      if (this.#context.signal.aborted) failure = undefined
    }
    return {
      shard: this.#target.shard,
      complete: this.#databases.every(({ done }) => done),
      failure,
      reconnects: this.#reconnects,
      lengths: this.#lengthsAsked(),
      refused: this.#refused(),
      databases: this.#databases.filter(({ done }) => done).map(({ db }) => db),
      ...this.counts,
      ...this.#traffic,
    }
  }

  /** Reads a database to its end, over as many connections as it takes. */
  async #read(database: ShardState['databases'][number]): Promise<void> {
    const { backoffMs } = this.#options
    const { signal } = this.#context
    this.#delivery.begin(database.db)
    if (this.#resumed && database.cursor !== '0') this.#delivery.resume(this.#resumed.recent)
    let source: Source | undefined
    for (let attempt = 0; ; attempt++) {
      const before = this.#batches
      try {
        const session = await this.#open(database.db, source !== undefined || database.cursor !== '0')
        const close = () => session.connection.destroy()
        signal.addEventListener('abort', close, { once: true })
        try {
          source ??= await this.#sourceFor(database, session)
          await this.#run(source, database, session)
        } finally {
          signal.removeEventListener('abort', close)
          close()
        }
        database.done = true
        return
      } catch (error) {
        signal.throwIfAborted()
        if (this.#batches > before) attempt = 0
        if (!this.#connected || !isLostConnection(error) || attempt >= backoffMs.length) throw error
        await sleep(backoffMs[attempt], undefined, { signal })
        this.#reconnects++
        source?.rewind()
      }
    }
  }

  /** Connects; when a database is to be gone on with, makes sure that it is the same process as before. */
  async #open(db: number, isBegun: boolean): Promise<Session> {
    const { address, cluster } = this.#target
    const { signal } = this.#context
    const session = await openSession(address, db, cluster, { ...this.#options.connect, signal, traffic: this.#traffic })
    const isSame = session.runId !== '' && session.runId === this.#runId
    if (isBegun && !isSame) {
      session.connection.destroy()
      throw session.runId === '' ? unknownProcess(address) : restarted(address)
    }
    this.#connected = true
    this.#runId = session.runId
    return session
  }

  async #sourceFor(database: ShardState['databases'][number], session: Session): Promise<Source> {
    const { shares, strata } = this.#context
    const { shard, cluster, address, pace } = this.#target
    const share = shares?.find(({ db }) => db === database.db)
    if (!share) return new FullSource(database.cursor)
    if (share.quota === 'whole') return new FullSource('0', strata.push({ shard, db: share.db, keys: share.keys, whole: true }) - 1)
    const rng = new Rng(this.#options.seed).fork(`sample ${shard} ${share.db}`)
    const segments = await readSegments(session.converse, { cluster, keys: share.keys, address, pace, rng })
    const plan = planBlocks(segments, share.quota, rng)
    const first = strata.length
    strata.push(...plan.strata.map((keys) => ({ shard, db: share.db, keys, whole: false })))
    return new SampleSource(plan, first, rng)
  }

  async #run(source: Source, database: ShardState['databases'][number], session: Session): Promise<void> {
    const { lengths: wanted, connect } = this.#options
    const measured = wanted === 'all' || (wanted === 'untouched' && session.untouched)
    this.#measured[measured ? 'with' : 'without']++
    this.#context.signal.throwIfAborted()
    const pipeline = new Pipeline(session.connection, {
      ...{ address: this.#target.address, source, facts: this.#facts, types: this.#types, words: this.#words },
      ...{ limit: this.#limit, lengths: measured ? this.#lengths : undefined, pace: this.#target.pace, traffic: this.#traffic },
      replyTimeoutMs: connect.replyTimeoutMs,
      deliver: (batch) => {
        this.#delivery.take(batch)
        this.#batches++
        if (batch.scans[0]?.block === -1) database.cursor = batch.cursors[0]!
        this.#context.onProgress()
      },
    })
    this.#types.begin(session.modules)
    await pipeline.run()
    if (!session.modules && (await haveModulesCome(session))) throw modulesCame(this.#target.address)
  }

  #refused(): Refused[] {
    const type = this.#types.refused
    return [
      ...(type === undefined ? [] : [{ command: TYPE_COMMAND, why: type }]),
      ...this.#facts.refused,
      ...[...this.#lengths.refused].map(([command, why]) => ({ command, why })),
    ]
  }

  #lengthsAsked(): 'all' | 'some' | 'none' {
    if (this.#measured.with === 0) return 'none'
    return this.#measured.without === 0 && this.#lengths.refused.size === 0 ? 'all' : 'some'
  }
}

function noKeys(): KeyCounts {
  return { keysSeen: 0, vanished: 0, repeated: 0, denied: 0, elsewhere: 0, longNames: 0 }
}
