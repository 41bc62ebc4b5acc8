import { ConnectionError, InputError } from '../core/errors.js'
import { quote } from '../core/text.js'
import { type Client, asArray, asNumber, asText } from '../wire/client.js'
import { type Reply, ReplyError } from '../wire/decoder.js'
import { displayAddress } from '../wire/address.js'
import { wordsOf } from '../wire/failure.js'

/** What the server says of a command with its arguments. */
export interface CommandFacts {
  /** Positions of the keys among the arguments; the name of the command is position 0. */
  keys: number[]
  /** Changes data, or, as scripts and functions do, may. */
  write: boolean
  /** In the ACL category @dangerous: it may hurt the server or everybody's data. */
  dangerous: boolean
  /** In the ACL category @admin. */
  admin: boolean
  /** May wait for others, as BLPOP does. */
  blocking: boolean
  /** False when the server has no such command or subcommand; then the rest means nothing. */
  known: boolean
}

const UNKNOWN: CommandFacts = { keys: [], write: false, dangerous: false, admin: false, blocking: false, known: false }

/**
 * Asks the server which arguments of a command are keys and what the command is apt to do: COMMAND INFO, and COMMAND GETKEYS
 * where the keys have no fixed place (EVAL, XREAD, SORT ... STORE).
 *
 * Throws InputError when the number of arguments is wrong, ConnectionError when the server does not let us ask: without an answer no
 * command could be confined to a run's own keys.
 */
export async function keyPositions(client: Client, args: readonly (string | Buffer)[]): Promise<CommandFacts> {
  const parts = args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg))
  const info = await commandInfo(client, parts)
  if (!info) return UNKNOWN
  return {
    keys: info.flags.has('movablekeys') ? await movableKeys(client, parts) : fixedKeys(info, parts.length),
    write: info.flags.has('write') || (info.categories.has('@scripting') && !info.flags.has('readonly')),
    dangerous: info.categories.has('@dangerous'),
    admin: info.categories.has('@admin') || info.flags.has('admin'),
    blocking: info.categories.has('@blocking'),
    known: true,
  }
}

/** The part of a COMMAND INFO reply that 6.0 has too. */
interface CommandInfo {
  flags: Set<string>
  firstKey: number
  lastKey: number
  step: number
  categories: Set<string>
}

/** From 7.0 on a subcommand has an entry of its own, and the entry of its container says nothing of keys. */
async function commandInfo(client: Client, [name = Buffer.alloc(0), subcommand]: Buffer[]): Promise<CommandInfo | undefined> {
  const names = subcommand ? [name, Buffer.concat([name, Buffer.from('|'), subcommand])] : [name]
  const [reply] = await client.callAll([['COMMAND', 'INFO', ...names]])
  if (reply instanceof ReplyError) throw refused(client, 'COMMAND INFO', reply)
  const [command = null, sub = null] = asArray(reply)
  const isContainer = command !== null && asArray(asArray(command)[9] ?? []).length > 0
  const entry = isContainer ? sub : command
  return entry === null ? undefined : parseCommandInfo(entry)
}

function parseCommandInfo(entry: Reply): CommandInfo {
  const [, , flags, firstKey, lastKey, step, categories] = asArray(entry)
  return {
    flags: textSet(flags),
    firstKey: asNumber(firstKey),
    lastKey: asNumber(lastKey),
    step: asNumber(step),
    categories: textSet(categories),
  }
}

function textSet(reply: Reply | undefined): Set<string> {
  return new Set(asArray(reply).map((item) => asText(item)))
}

/** A negative last key counts from the end: -1 is the last argument. */
function fixedKeys({ firstKey, lastKey, step }: CommandInfo, length: number): number[] {
  const last = Math.min(length - 1, lastKey < 0 ? length + lastKey : lastKey)
  const keys: number[] = []
  if (firstKey > 0 && step > 0) for (let at = firstKey; at <= last; at += step) keys.push(at)
  return keys
}

/**
 * The server tells movable keys by their text only, and the same text may stand in other places. So each candidate is
 * changed in turn: it was a key if the server then names the changed one.
 */
async function movableKeys(client: Client, args: Buffer[]): Promise<number[]> {
  const named = await getKeys(client, [args])
  const candidates = args.flatMap((arg, at) => (at > 0 && named[0]!.some((key) => key.equals(arg)) ? [at] : []))
  const probes = await getKeys(
    client,
    candidates.map((at) => args.with(at, PROBE)),
  )
  return candidates.filter((_, i) => probes[i]!.some((key) => key.equals(PROBE)))
}

/** Nobody's key. */
const PROBE = Buffer.from('redline:probe:1f6b0c52')

async function getKeys(client: Client, commands: Buffer[][]): Promise<Buffer[][]> {
  const replies = await client.callAll(commands.map((args) => ['COMMAND', 'GETKEYS', ...args]))
  return replies.map((reply, i) => {
    if (!(reply instanceof ReplyError)) return asArray(reply).map((key) => (Buffer.isBuffer(key) ? key : Buffer.from(asText(key))))
    // Both are said of commands that are given no key: the second one before 7.0, of EVAL "..." 0.
    if (/no key arguments|Invalid arguments/i.test(reply.message)) return []
    if (/number of arguments/i.test(reply.message)) {
      throw new InputError(`${quote(commands[i]![0]!.toString())} has the wrong number of arguments`)
    }
    throw refused(client, 'COMMAND GETKEYS', reply)
  })
}

function refused(client: Client, command: string, reply: ReplyError): ConnectionError {
  const hint = `allow the user +command, or measure a server of redline's own (without --target)`
  return new ConnectionError(
    `${displayAddress(client.address)} does not tell which arguments are keys: ${command} was answered ${quote(wordsOf(reply))}`,
    { hint },
  )
}
