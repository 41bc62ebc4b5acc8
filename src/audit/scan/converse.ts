import { messageOf } from '../../core/errors.js'
import type { Address } from '../../wire/address.js'
import type { Connection } from '../../wire/connection.js'
import { Decoder, type Reply } from '../../wire/decoder.js'
import { type Argument, encodeCommand } from '../../wire/encode.js'
import { brokenProtocol, closedByUs, lateReply } from '../../wire/failure.js'
import type { Traffic } from '../../wire/traffic.js'

/** Asks on the connection that a scan uses, before the scan. Replies are in the order of the commands, errors among them. */
export type Converse = (commands: readonly (readonly Argument[])[]) => Promise<Reply[]>

/**
 * Conversations over a connection that nobody else uses at that time. Rejects with ConnectionError when a reply does not come within
 * the time limit or can't be read.
 */
export function converseOver(connection: Connection, address: Address, replyTimeoutMs: number, traffic: Traffic): Converse {
  return async (commands) => {
    if (commands.length === 0) return []
    const replies: Reply[] = []
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        const decoder = new Decoder({
          onReply(reply) {
            if (replies.push(reply) === commands.length) resolve()
          },
        })
        timer = setTimeout(() => reject(lateReply(address, replyTimeoutMs, String(commands[replies.length]?.[0]))), replyTimeoutMs)
        connection.onClose = (error) => reject(error ?? closedByUs(address))
        connection.onBytes = (buffer, length) => {
          timer?.refresh()
          try {
            decoder.push(buffer.subarray(0, length))
          } catch (error) {
            reject(brokenProtocol(address, error instanceof Error ? error : new Error(messageOf(error))))
          }
        }
        traffic.commands += commands.length
        connection.write(Buffer.concat(commands.map((args) => encodeCommand(args))))
      })
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      clearTimeout(timer)
      connection.onClose = () => undefined
      connection.onBytes = () => undefined
    }
    return replies
  }
}
