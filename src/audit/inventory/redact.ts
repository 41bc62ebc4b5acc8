import { createHmac } from 'node:crypto'

/** Hides names behind hashes with a salt: the same name has the same hash in one audit, and without the salt none can be guessed. */
export class Redactor {
  readonly #salt: string

  constructor(salt: string) {
    this.#salt = salt
  }

  /** Twelve hexadecimal digits. */
  hash(bytes: Uint8Array): string {
    return createHmac('sha256', this.#salt).update(bytes).digest('hex').slice(0, 12)
  }
}
