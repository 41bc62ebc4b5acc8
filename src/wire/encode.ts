/** One argument of a command; strings are sent as UTF-8, numbers in decimal. */
export type Argument = string | Uint8Array | number

/**
 * A command as RESP: an array of bulk strings, which every Redis and Valkey reads, whatever the protocol of its replies
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server).
 */
export function encodeCommand(args: readonly Argument[]): Buffer {
  const parts: (string | Uint8Array)[] = [`*${args.length}\r\n`]
  for (const arg of args) {
    const value = typeof arg === 'number' ? String(arg) : arg
    parts.push(`$${lengthOf(value)}\r\n`, value, '\r\n')
  }
  const encoded = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + lengthOf(part), 0))
  let at = 0
  for (const part of parts) {
    if (typeof part === 'string') at += encoded.write(part, at)
    else {
      encoded.set(part, at)
      at += part.length
    }
  }
  return encoded
}

function lengthOf(part: string | Uint8Array): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length
}
