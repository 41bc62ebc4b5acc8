import { CLASSES, DIGIT, LOWER, NOT_HEX, STRONG, UPPER, WEAK } from './byte-class.js'

/*
 * Parts of names that contain delimiters of their own. Each function returns where such a part ends that begins at `start`, or -1;
 * none looks beyond `limit`, and each part ends at a delimiter or there.
 */

const DASH = 0x2d
const DOT = 0x2e
const SLASH = 0x2f
const COLON = 0x3a
const AT = 0x40

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isHex = (byte: number | undefined) => byte !== undefined && (CLASSES[byte]! & (NOT_HEX | WEAK | STRONG)) === 0

function endsAt(name: Uint8Array, at: number, limit: number): boolean {
  return at === limit || (at < limit && CLASSES[name[at]!]! >= WEAK)
}

/** `123e4567-e89b-12d3-a456-426614174000`, in either case (RFC 9562). */
export function uuidEnd(name: Uint8Array, start: number, limit: number): number {
  const end = start + 36
  if (!endsAt(name, end, limit)) return -1
  for (let at = 0; at < 36; at++) {
    const dash = at === 8 || at === 13 || at === 18 || at === 23
    if (dash ? name[start + at] !== DASH : !isHex(name[start + at])) return -1
  }
  return end
}

/** `2026-11-23`, `2026.11.23`, `2026/11/23`, and such a date with a time behind a T: `2026-11-23T10:15:00.000Z`. */
export function dateEnd(name: Uint8Array, start: number, limit: number): number {
  const end = start + 10
  const separator = name[start + 4]
  if (end > limit || separator !== name[start + 7] || (separator !== DASH && separator !== DOT && separator !== SLASH)) return -1
  if (!isDay(numberAt(name, start, 4), numberAt(name, start + 5, 2), numberAt(name, start + 8, 2))) return -1
  if (endsAt(name, end, limit)) return end
  return name[end] === 0x54 ? timeEnd(name, end + 1, limit) : -1
}

/** `20261123`: eight digits that are a day. */
export function isCompactDate(name: Uint8Array, start: number): boolean {
  return isDay(numberAt(name, start, 4), numberAt(name, start + 4, 2), numberAt(name, start + 6, 2))
}

function isDay(year: number, month: number, day: number): boolean {
  return year >= 1970 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

/** The number that so many digits write; NaN when one of them is none. */
function numberAt(name: Uint8Array, start: number, digits: number): number {
  let value = 0
  for (let at = start; at < start + digits; at++) value = isDigit(name[at]) ? value * 10 + name[at]! - 0x30 : Number.NaN
  return value
}

/** `10`, `10:15`, `10:15:00.123`, each with `Z` or none. */
function timeEnd(name: Uint8Array, start: number, limit: number): number {
  let at = start
  for (;;) {
    const digits = at
    while (at < limit && isDigit(name[at])) at++
    if (at === digits) return -1
    if (at + 1 < limit && (name[at] === COLON || name[at] === DOT) && isDigit(name[at + 1])) at++
    else break
  }
  if (name[at] === 0x5a) at++
  return endsAt(name, at, limit) ? at : -1
}

/** `203.0.113.7`, unless it is part of more numbers between dots. */
export function ipv4End(name: Uint8Array, start: number, limit: number): number {
  if (start > 1 && name[start - 1] === DOT && isDigit(name[start - 2])) return -1
  let at = start
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && name[at++] !== DOT) return -1
    const first = at
    while (at < limit && at < first + 3 && isDigit(name[at])) at++
    if (at === first || numberAt(name, first, at - first) > 255) return -1
  }
  return endsAt(name, at, limit) && !(name[at] === DOT && isDigit(name[at + 1])) ? at : -1
}

/**
 * `2001:db8::1`, `::1`, `::ffff:203.0.113.7`. So that `cafe::1` and `a:b::c` are no addresses, one has to begin with `::` or with a
 * first group of four digits of which one is decimal.
 */
export function ipv6End(name: Uint8Array, start: number, limit: number): number {
  if (!mayBeIpv6(name, start)) return -1
  const last = Math.min(limit, start + IPV6_LENGTH)
  let end = start
  while (end < last && (isHex(name[end]) || name[end] === COLON || name[end] === DOT)) end++
  const text = String.fromCharCode(...name.subarray(start, end))
  for (; end > start + 2; end--) if (endsAt(name, end, limit) && isIpv6(text.slice(0, end - start))) return end
  return -1
}

/** `0000:0000:0000:0000:0000:ffff:255.255.255.255`. */
const IPV6_LENGTH = 45

function mayBeIpv6(name: Uint8Array, start: number): boolean {
  if (name[start] === COLON) return name[start + 1] === COLON
  let decimals = 0
  for (let at = start; at < start + 4; at++) {
    if (!isHex(name[at])) return false
    if (isDigit(name[at])) decimals++
  }
  return decimals > 0 && name[start + 4] === COLON
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const embedded = /^(\d{1,3}\.){3}\d{1,3}$/.test(groups.at(-1) ?? '')
  if (!(embedded ? groups.slice(0, -1) : groups).every((group) => /^[\da-f]{1,4}$/i.test(group))) return false
  const count = groups.length + (embedded ? 1 : 0)
  return halves.length === 2 ? count >= 1 && count <= 7 : halves.length === 1 && count === 8
}

/** `user+tag@mail.example.com`, whose @ stands at `at`. */
export function emailEnd(name: Uint8Array, start: number, at: number, limit: number): number {
  if (at === start || at - start > 64) return -1
  for (let i = start; i < at; i++) if (!isMailbox(name[i]!)) return -1
  let dots = 0
  let i = at + 1
  for (; i < limit && isHost(name[i]!); i++) if (name[i] === DOT) dots++
  while (name[i - 1] === DOT || name[i - 1] === DASH) {
    if (name[--i] === DOT) dots--
  }
  return dots > 0 && endsAt(name, i, limit) && name[at + 1] !== DOT && name[i] !== AT ? i : -1
}

const isAlphanumeric = (byte: number) => (CLASSES[byte]! & (LOWER | UPPER | DIGIT)) !== 0
/** As people have them: letters, digits and `._%+-`. */
const isMailbox = (byte: number) => isAlphanumeric(byte) || byte === DOT || byte === DASH || byte === 0x5f || byte === 0x25 || byte === 0x2b
const isHost = (byte: number) => isAlphanumeric(byte) || byte === DOT || byte === DASH
