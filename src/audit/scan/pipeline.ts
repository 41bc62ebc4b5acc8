import { RedlineError } from '../../core/errors.js'
import type { Address } from '../../wire/address.js'
import type { Connection } from '../../wire/connection.js'
import { ProtocolError } from '../../wire/decoder.js'
import { brokenProtocol, closedByUs, lateReply } from '../../wire/failure.js'
import { Batch, DENIED, ELSEWHERE, type ScanRequest } from './batch.js'
import type { CountLimit } from './count-limit.js'
import { refusedScan, ScanFailure, StoppedByPace } from './failure.js'
import { FACT_COMMANDS, type FactList, refusalOf } from './key-facts.js'
import type { Lengths } from './lengths.js'
import type { Pace } from './pace.js'
import { ReplyReader } from './reply-reader.js'
import { RequestBuffer } from './request-buffer.js'
import { FactRequests, writeKeyCommand, writeScans } from './requests.js'
import type { Source } from './source.js'
import type { Traffic } from '../../wire/traffic.js'
import { TYPE_COMMAND, type Types } from './types.js'
import type { Words } from './words.js'

export interface PipelineOptions {
  address: Address
  source: Source
  facts: FactList
  types: Types
  /** Undefined when no lengths may be asked. */
  lengths: Lengths | undefined
  words: Words
  limit: CountLimit
  pace: Pace
  /** How long the server may stay silent while it owes a reply. */
  replyTimeoutMs: number
  /** Of the connection, which counts its bytes; commands are counted here. */
  traffic: Traffic
  /** Takes the batches in the order in which they were listed, each when all of its facts are in. */
  deliver(batch: Batch): void
}

/**
 * Reads keys over one connection, batch by batch: SCAN lists them, then come their facts, then the types of some, then the lengths of
 * some, and then the batch is delivered. When the keys of one batch are listed, the next SCAN and the questions about these keys go out in one write, so
 * that the server always has work: several batches are on their way at any time, each at another stage.
 */
export class Pipeline {
  readonly #connection: Connection
  readonly #options: PipelineOptions
  readonly #reader: ReplyReader
  readonly #requests = new FactRequests()
  readonly #firstRequest = new RequestBuffer()
  readonly #idle: Batch[] = []
  /** Listed and not delivered, in the order of listing. */
  readonly #open: Batch[] = []
  /** Listed, its facts not asked yet. */
  #listed: Batch | undefined
  #begun = false
  /** The source has no more SCANs. */
  #exhausted = false
  /** Batches whose facts are under way. */
  #asked = 0
  #awaitsTurn = false
  #answeredAt = 0
  #heardAt = 0
  /** Types and lengths that were asked since the pace was last told of commands. */
  #askedLater = 0
  #ended = false
  #watchdog: NodeJS.Timeout | undefined
  #resolve: () => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor(connection: Connection, options: PipelineOptions) {
    this.#connection = connection
    this.#options = options
    this.#reader = new ReplyReader(options.words, {
      onListed: (batch) => this.#onListed(batch),
      onFacts: (batch) => this.#onFacts(batch),
      onTypes: (batch) => this.#onTypes(batch),
      onLengths: (batch) => this.#onComplete(batch),
      onType: (batch, key, type) => options.types.take(batch, key, type),
      onScanError: (error) => {
        throw refusedScan(options.address, 'SCAN', error)
      },
      onFactError: (batch, key, fact, error) => {
        if (this.#isCommandRefused(batch, key, FACT_COMMANDS[fact].join(' '), error)) options.facts.refuse(fact, error)
      },
      onTypeError: (batch, key, error) => {
        if (this.#isCommandRefused(batch, key, TYPE_COMMAND, error)) options.types.refused ??= error
      },
      onLengthError: (batch, key, error) => this.#onLengthError(batch, key, error),
    })
  }

  /**
   * Reads all that the source names. Rejects when the connection ends (ConnectionError), when the server refuses SCAN or everything
   * (ScanFailure), when the pace says that the audit must end, or when `deliver` throws; nothing is delivered afterwards.
   */
  async run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#resolve = resolve
        this.#reject = reject
        this.#connection.onClose = (error) => this.#fail(error ?? closedByUs(this.#options.address))
        this.#connection.onBytes = (buffer, length) => this.#receive(buffer, length)
        this.#watch()
        this.#guarded(() => this.#advance())
      })
    } finally {
      this.#ended = true
      clearInterval(this.#watchdog)
      this.#connection.onClose = () => undefined
      this.#connection.onBytes = () => undefined
    }
  }

  #receive(buffer: Uint8Array, length: number): void {
    if (this.#ended) return
    this.#heardAt = performance.now()
    this.#guarded(() => this.#reader.read(buffer, length))
  }

  /** Nothing that is called by the connection or a timer may throw. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    const { address } = this.#options
    if (error instanceof ProtocolError) this.#reject(new ScanFailure(brokenProtocol(address, error).message, { cause: error }))
    else this.#reject(error instanceof Error ? error : new Error(String(error)))
  }

  /**
   * A reply is late when nothing was heard for the whole time that the server owed one. A check that comes late itself says nothing:
   * this process was held up, and replies may be waiting unread.
   */
  #watch(): void {
    const { replyTimeoutMs, address } = this.#options
    const everyMs = Math.max(10, replyTimeoutMs / 8)
    let checkedAt = performance.now()
    this.#watchdog = setInterval(() => {
      const now = performance.now()
      const heldUp = now - checkedAt > 2 * everyMs
      checkedAt = now
      if (!heldUp && this.#reader.waits && now - this.#heardAt > replyTimeoutMs) this.#fail(lateReply(address, replyTimeoutMs, 'SCAN'))
    }, everyMs)
  }

  /** Sends the next batch if there is one, the window has room, and the pace allows it. */
  #advance(): void {
    const { pace } = this.#options
    if (this.#ended || this.#awaitsTurn) return
    if (this.#begun && (!this.#listed || this.#asked >= Math.max(1, pace.window))) return
    const turn = pace.turn()
    if (!turn) return this.#send()
    this.#awaitsTurn = true
    void this.#sendAfter(turn)
  }

  async #sendAfter(turn: Promise<void>): Promise<void> {
    try {
      await turn
    } catch (reason) {
      return this.#fail(new StoppedByPace(reason))
    }
    this.#awaitsTurn = false
    if (!this.#ended) this.#guarded(() => this.#send())
  }

  /** The next SCANs and then the facts of the keys that were listed, in one write: the server never waits for us between them. */
  #send(): void {
    const { source, pace, limit, facts, traffic } = this.#options
    const batch = this.#listed
    this.#listed = undefined
    this.#begun = true
    const out = batch ? batch.requests : this.#firstRequest
    const scans = source.next(batch, Math.max(1, Math.min(pace.batch, limit.count)))
    this.#sentWhenIdle()
    if (scans) this.#askScans(out, scans)
    else this.#exhausted = true
    if (batch && batch.count > 0) {
      batch.asked = facts.asked
      traffic.commands += this.#requests.write(out, batch)
      batch.sentAt = performance.now()
    }
    this.#flush(out)
    if (batch) this.#followUp(batch)
    else if (!scans) this.#resolve()
  }

  #askScans(out: RequestBuffer, scans: readonly ScanRequest[]): void {
    const next = this.#idle.pop() ?? new Batch()
    next.begin(scans)
    next.sentAt = performance.now()
    writeScans(out, scans)
    this.#options.traffic.commands += scans.length
    this.#reader.expectScans(next)
  }

  #followUp(batch: Batch): void {
    if (batch.count > 0 && batch.asked.length > 0) {
      this.#asked++
      this.#reader.expectFacts(batch)
    } else {
      this.#tellPace(batch)
      this.#askTypes(batch)
    }
  }

  #flush(out: RequestBuffer): void {
    out.flush((bytes) => this.#connection.write(bytes))
  }

  /** While nothing was owed, silence meant nothing. */
  #sentWhenIdle(): void {
    if (!this.#reader.waits) this.#heardAt = performance.now()
  }

  #onListed(batch: Batch): void {
    this.#options.limit.learn(batch)
    this.#open.push(batch)
    this.#listed = batch
    this.#advance()
  }

  #onFacts(batch: Batch): void {
    this.#asked--
    this.#tellPace(batch)
    batch.requests.clear()
    this.#askTypes(batch)
    this.#advance()
  }

  #askTypes(batch: Batch): void {
    if (!this.#options.types.choose(batch)) return this.#askLengths(batch)
    for (const key of batch.untyped) writeKeyCommand(batch.requests, [TYPE_COMMAND], batch, key)
    this.#sendLater(batch.requests, batch.untyped.length)
    this.#reader.expectTypes(batch)
  }

  #onTypes(batch: Batch): void {
    batch.requests.clear()
    this.#askLengths(batch)
  }

  #tellPace(batch: Batch): void {
    const now = performance.now()
    const elapsedMs = now - Math.max(batch.sentAt, this.#answeredAt)
    this.#answeredAt = now
    this.#options.pace.done(batch.count, batch.scans.length + batch.count * batch.asked.length + this.#askedLater, elapsedMs)
    this.#askedLater = 0
  }

  /** After OBJECT IDLETIME of the same keys, which a length would set to 0 where CLIENT NO-TOUCH is not known. */
  #askLengths(batch: Batch): void {
    const { lengths } = this.#options
    if (!lengths?.choose(batch)) return this.#onComplete(batch)
    for (const key of batch.measured) writeKeyCommand(batch.requests, [lengths.commandFor(batch, key)], batch, key)
    this.#sendLater(batch.requests, batch.measured.length)
    this.#reader.expectLengths(batch)
  }

  #sendLater(out: RequestBuffer, commands: number): void {
    this.#options.traffic.commands += commands
    this.#askedLater += commands
    this.#sentWhenIdle()
    this.#flush(out)
  }

  /** Delivers in the order of listing, so that one cursor tells how far the scan has come. */
  #onComplete(batch: Batch): void {
    batch.complete = true
    while (this.#open[0]?.complete) {
      const first = this.#open.shift()!
      this.#options.deliver(first)
      this.#options.source.delivered(first)
      this.#idle.push(first)
    }
    if (this.#exhausted && this.#open.length === 0) this.#resolve()
  }

  /** Whether an error in the place of a fact is about the command. What is about the key alone is kept with it. */
  #isCommandRefused(batch: Batch, key: number, command: string, error: string): boolean {
    switch (refusalOf(error)) {
      case 'denied':
        batch.status[key] = DENIED
        return false
      case 'elsewhere':
        batch.status[key] = ELSEWHERE
        return false
      case 'server':
        throw refusedScan(this.#options.address, command, error)
      case 'command':
        return true
    }
  }

  #onLengthError(batch: Batch, key: number, error: string): void {
    const { lengths, address } = this.#options
    // The key may have been replaced by one of another type since.
    if (!lengths || error.startsWith('WRONGTYPE')) return
    const command = lengths.commandFor(batch, key)
    const refusal = refusalOf(error)
    if (refusal === 'server') throw refusedScan(address, command, error)
    if (refusal === 'command') lengths.refuse(command, error)
  }
}

/** Whether a new connection may help: the old one was lost, or refused something that the server will do again in a while. */
export function isLostConnection(error: unknown): boolean {
  return error instanceof RedlineError && !(error instanceof ScanFailure)
}
