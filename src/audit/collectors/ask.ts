import { messageOf, RedlineError } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import type { Client } from '../../wire/client.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import type { Argument } from '../../wire/encode.js'
import { wordsOf } from '../../wire/failure.js'
import type { Reading } from '../facts.js'

/** What is to be learned from a server: the commands, and what their replies say. */
export interface Ask<T> {
  commands: readonly (readonly Argument[])[]
  /** Reads the replies, which are in the order of the commands. Pure; throws Unknown, or ConnectionError when a reply has no such form. */
  read: (replies: readonly Reply[]) => T
}

/** Why a fact is not known. */
export class Unknown extends Error {}

/** The reply to a command that was granted; throws Unknown with the command and the reply when it was refused. */
export function granted(reply: Reply | undefined, command: string): Reply {
  if (reply instanceof ReplyError) throw new Unknown(refusal(command, reply))
  if (reply === undefined) throw new Unknown(`${command} was not answered`)
  return reply
}

/** `CONFIG GET was refused (NOPERM this user has no permissions to run the 'config|get' command)` */
export function refusal(command: string, reply: ReplyError): string {
  return `${command} was refused (${safeText(wordsOf(reply))})`
}

type Readings<A extends Record<string, Ask<unknown>>> = { [N in keyof A]: Reading<ReturnType<A[N]['read']>> }

/** Asks everything in one write. Throws only when the connection is lost: what was refused or can't be read is not known. */
export async function askAll<A extends Record<string, Ask<unknown>>>(client: Client, asks: A): Promise<Readings<A>> {
  const replies = await client.callAll(Object.values(asks).flatMap(({ commands }) => commands))
  let at = 0
  const readings = Object.entries(asks).map(([name, { commands, read }]) => {
    const own = replies.slice(at, (at += commands.length))
    return [name, readingOf(() => read(own))] as const
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fromEntries does not keep which name has which reading
  return Object.fromEntries(readings) as Readings<A>
}

/** What `read` returns, or why it is not known: it threw Unknown, or a RedlineError about a reply that has not the form it should have. */
export function readingOf<T>(read: () => T): Reading<T> {
  try {
    return { known: true, value: read() }
  } catch (error) {
    if (!(error instanceof Unknown) && !(error instanceof RedlineError)) throw error
    return { known: false, why: messageOf(error) }
  }
}
