import type { Socket } from 'node:net'

/** Bytes that one direction of one connection may have under way before its source has to wait. */
const MAX_HELD_BYTES = 4 * 1024 * 1024
/**
 * How long the thread sleeps between two looks at its sockets while anything is held, as a share of the hold: a shorter
 * sleep scatters the holds less and costs more wake-ups. setTimeout can't do it: it is late by 650 us at the median;
 * spinning would take a whole core.
 */
const SLEEP_SHARE = 1 / 5
const SLEEP_MS = { least: 0.05, most: 0.5 }
/** Beyond this a timer is precise enough, and the thread is woken by its sockets alone. */
const TIMER_MARGIN_MS = 2
/** How far one piece that was held too long or too short moves the release of those that follow. */
const CORRECTION_MS = 0.002

interface Parcel {
  pipe: Pipe
  /** Undefined is the end of the stream. */
  bytes: Buffer | undefined
  arrivedMs: number
}

/** Takes how long a piece was held, in milliseconds, when it has been passed on. */
type OnHeld = (heldMs: number) => void

/**
 * Holds every piece of every stream for the same time, so that the order of arrival is the order of release and one
 * queue serves all. Its thread sleeps in Atomics.wait between looks while anything is held, and in the poll of the event
 * loop when nothing is.
 */
export class DelayLine {
  readonly #holdMs: number
  readonly #sleepMs: number
  /** What looking, sleeping and writing add to a hold, at the median: that much sooner is a piece released. */
  #aheadMs = 0
  readonly #queue: (Parcel | undefined)[] = []
  #head = 0
  #running = false
  /** When the event loop last began to look at its sockets, and the time since the look before; undefined when it was blocked in there. */
  #look: { atMs: number; gapMs: number } | undefined
  readonly #cell = new Int32Array(new SharedArrayBuffer(4))

  constructor(holdMs: number) {
    this.#holdMs = holdMs
    this.#sleepMs = Math.min(SLEEP_MS.most, Math.max(SLEEP_MS.least, holdMs * SLEEP_SHARE))
  }

  /** Passes everything from one socket on to another. Both must allow half-open connections. */
  join(source: Socket, target: Socket, onHeld: OnHeld): void {
    const pipe = new Pipe(source, target, onHeld)
    source.on('data', (bytes) => this.#hold(pipe, bytes))
    source.on('end', () => this.#hold(pipe, undefined))
    source.on('error', () => target.destroy())
    source.on('close', (failed) => failed && target.destroy())
    target.on('drain', () => pipe.balance())
  }

  /** A piece came at some time between this look and the one before, half-way for want of better knowledge. */
  #hold(pipe: Pipe, bytes: Buffer | undefined): void {
    const arrivedMs = this.#look ? this.#look.atMs - this.#look.gapMs / 2 : performance.now()
    pipe.heldBytes += bytes?.length ?? 0
    pipe.balance()
    this.#queue.push({ pipe, bytes, arrivedMs })
    if (this.#running) return
    this.#running = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#release()
    const next = this.#queue[this.#head]
    if (!next) {
      this.#running = false
      this.#look = undefined
      return
    }
    const waitMs = next.arrivedMs + this.#holdMs - performance.now()
    if (waitMs > TIMER_MARGIN_MS) {
      this.#look = undefined
      setTimeout(this.#turn, waitMs - TIMER_MARGIN_MS + 0.5)
      return
    }
    const lastMs = this.#look?.atMs ?? performance.now()
    Atomics.wait(this.#cell, 0, 0, this.#sleepMs)
    const atMs = performance.now()
    this.#look = { atMs, gapMs: atMs - lastMs }
    setImmediate(this.#turn)
  }

  /** Passes on what is due, and follows the median: half of all pieces shall be held too long, half too short. */
  #release(): void {
    const untilMs = performance.now() - this.#holdMs + this.#aheadMs
    for (;;) {
      const parcel = this.#queue[this.#head]
      if (!parcel || parcel.arrivedMs > untilMs) break
      this.#queue[this.#head++] = undefined
      parcel.pipe.pass(parcel.bytes)
      const heldMs = performance.now() - parcel.arrivedMs
      if (parcel.bytes) parcel.pipe.onHeld(heldMs)
      const correctedMs = this.#aheadMs + (heldMs > this.#holdMs ? CORRECTION_MS : -CORRECTION_MS)
      this.#aheadMs = Math.min(this.#holdMs / 2, Math.max(0, correctedMs))
    }
    if (this.#head < 1024 && this.#head < this.#queue.length) return
    this.#queue.splice(0, this.#head)
    this.#head = 0
  }
}

/** One direction of one connection. */
class Pipe {
  heldBytes = 0
  readonly onHeld: OnHeld
  readonly #source: Socket
  readonly #target: Socket

  constructor(source: Socket, target: Socket, onHeld: OnHeld) {
    this.#source = source
    this.#target = target
    this.onHeld = onHeld
  }

  pass(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      this.#target.end()
      return
    }
    this.heldBytes -= bytes.length
    if (!this.#target.destroyed) this.#target.write(bytes)
    this.balance()
  }

  /** Lets the source send only as much as is bounded, here and in what the target has not taken yet. */
  balance(): void {
    const underWay = this.heldBytes + this.#target.writableLength
    if (underWay >= MAX_HELD_BYTES) this.#source.pause()
    else if (underWay <= MAX_HELD_BYTES / 2 && this.#source.isPaused()) this.#source.resume()
  }
}
