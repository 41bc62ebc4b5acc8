/** Slots of a cluster. */
export const SLOTS = 16_384

const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

/**
 * The slot of a key: CRC16 (XMODEM) of its hash tag, or of all of it, modulo 16384
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model).
 */
export function slotOf(name: Uint8Array): number {
  const open = name.indexOf(0x7b)
  const close = open < 0 ? -1 : name.indexOf(0x7d, open + 1)
  const [from, until] = close > open + 1 ? [open + 1, close] : [0, name.length]
  let crc = 0
  for (let i = from; i < until; i++) crc = ((crc << 8) & 0xffff) ^ CRC16[((crc >> 8) ^ name[i]!) & 0xff]!
  return crc & (SLOTS - 1)
}
