/** CRC16-CCITT (XMODEM), by byte. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

export const SLOTS = 16_384

const OPEN = 0x7b
const CLOSE = 0x7d

/** Where the content of a name's hash tag begins and ends; undefined when it has none. */
export function hashTag(name: Uint8Array): [start: number, end: number] | undefined {
  const start = name.indexOf(OPEN) + 1
  if (start === 0) return undefined
  const end = name.indexOf(CLOSE, start)
  return end > start ? [start, end] : undefined
}

/** The hash slot of a key (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model). */
export function slotOf(name: Uint8Array): number {
  const [start, end] = hashTag(name) ?? [0, name.length]
  let crc = 0
  for (let at = start; at < end; at++) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ name[at]!]!
  return crc % SLOTS
}
