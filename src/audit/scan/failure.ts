import { ConnectionError } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import { type Address, displayAddress } from '../../wire/address.js'

/** Why the keys of a server can't be read, or not any further: trying again would not help. */
export class ScanFailure extends ConnectionError {}

/** What a server says that will work again in a while: once a script has ended, another node has taken over, the data are loaded. */
const PASSING = /^(LOADING|MASTERDOWN|BUSY|CLUSTERDOWN|TRYAGAIN)/

/** An error reply that stands for the server as a whole, or for SCAN itself. What may pass is no ScanFailure. */
export function refusedScan(address: Address, command: string, error: string): ConnectionError {
  const [, hint = 'see what the server asks for'] = HINTS.find(([pattern]) => pattern.test(error)) ?? []
  const message = `${displayAddress(address)} answered ${command} with ${safeText(error.slice(0, 300))}`
  return PASSING.test(error) ? new ConnectionError(message, { hint }) : new ScanFailure(message, { hint })
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^LOADING/, 'it is still loading its data: try again when INFO persistence says loading:0'],
  [/^MASTERDOWN/, 'a replica that has lost its primary and may not show stale data: read from another one, or wait until the link is up'],
  [/^BUSY/, 'a script runs and blocks it: wait for its end, or see FUNCTION STATS and SCRIPT KILL'],
  [/^CLUSTERDOWN/, 'the cluster is not in order: see CLUSTER INFO'],
  [/^NOAUTH/, 'set REDISCLI_AUTH, or write redis://user:password@host'],
  [/^NOPERM/, 'allow the user this command in its ACL; `redline audit --print-acl` shows what an audit needs'],
  [/unknown command/i, 'the command is renamed or not supported there; no keys can be listed without it'],
]

/** The server was restarted: cursors of before mean nothing to it. */
export function restarted(address: Address): ScanFailure {
  return new ScanFailure(`${displayAddress(address)} was restarted, or another server answers there now`, {
    hint: 'a place in its keyspace means nothing to another process: scan again from the start',
  })
}

/** Nothing tells whether it is still the same process. */
export function unknownProcess(address: Address): ScanFailure {
  return new ScanFailure(`${displayAddress(address)} does not tell its run_id, so that a scan can't go on after a broken connection`, {
    hint: 'allow the user INFO in its ACL',
  })
}

/** Types are told by encodings only where there are no modules: those of keys that were created since may be wrong. */
export function modulesCame(address: Address): ScanFailure {
  return new ScanFailure(`a module was loaded into ${displayAddress(address)} while its keys were read: types of some may be wrong`, {
    hint: 'audit again, now that it is there',
  })
}

/** The pace said that the audit must end. */
export class StoppedByPace extends Error {
  readonly reason: Error

  constructor(reason: unknown) {
    super('the pace ended the scan')
    this.reason = reason instanceof Error ? reason : new Error(String(reason))
  }
}
