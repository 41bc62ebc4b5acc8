import type { Contract } from '../../schema/project.js'
import { Glob } from '../glob.js'

/** Finds the contract of a name: the first whose pattern matches. */
export class Contracts {
  readonly globs: readonly Glob[]
  /** By the first byte of a name, the contracts that it may fall under, in their order. */
  readonly #byFirst: number[][]
  readonly #forEmpty: number[]

  constructor(contracts: readonly Contract[]) {
    this.globs = contracts.map(({ pattern }) => new Glob(pattern))
    const candidates = (fits: (glob: Glob) => boolean) => [...this.globs.keys()].filter((index) => fits(this.globs[index]!))
    this.#byFirst = Array.from({ length: 256 }, (_, byte) => candidates(({ prefix }) => prefix.length === 0 || prefix[0] === byte))
    this.#forEmpty = candidates(({ prefix }) => prefix.length === 0)
  }

  /** The index of the contract; -1 when there is none. */
  of(name: Uint8Array): number {
    const candidates = name.length === 0 ? this.#forEmpty : this.#byFirst[name[0]!]!
    for (const index of candidates) if (this.globs[index]!.matches(name)) return index
    return -1
  }
}
