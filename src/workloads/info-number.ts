import { asText, type Client } from '../wire/client.js'

/** A number that INFO tells, such as `used_memory` of `memory`; NaN where the server has no such field. */
export async function infoNumber(client: Client, section: string, field: string): Promise<number> {
  const text = asText(await client.call('INFO', section))
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(text)?.[1] ?? NaN)
}
