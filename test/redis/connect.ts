import { parseAddress } from '#redline/wire/address.js'
import { Client } from '#redline/wire/client.js'

/** A client for a test's own server. */
export function connect(url: string, options: { protocol?: 2 | 3 } = {}): Promise<Client> {
  const signal = new AbortController().signal
  return Client.open(parseAddress(url, {}), { protocol: options.protocol ?? 2, timeoutMs: 5000, replyTimeoutMs: 20_000, signal })
}
