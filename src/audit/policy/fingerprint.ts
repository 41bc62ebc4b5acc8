import { createHash } from 'node:crypto'

const DIGITS = 16

/**
 * What makes a finding the same one in another audit: 16 hexadecimal digits of the SHA-256 of its rule, what it is about and the
 * role that tells findings about one thing apart. Its numbers, its severity and the servers on which it holds are no part of it.
 */
export function fingerprint(rule: string, about: string, role = ''): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, about, role]))
    .digest('hex')
    .slice(0, DIGITS)
}
