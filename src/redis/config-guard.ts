import { asMap, asText, type Client } from '../wire/client.js'

/** Every directive of a server's configuration, with its value. */
export async function readWholeConfig(client: Client): Promise<Map<string, string>> {
  return new Map([...asMap(await client.call('CONFIG', 'GET', '*'))].map(([name, value]) => [name, asText(value)]))
}

/** Sets again what is not as it was. Throws CommandError where the server refuses that. */
export async function restoreConfig(client: Client, before: ReadonlyMap<string, string>): Promise<void> {
  const now = await readWholeConfig(client)
  for (const [name, value] of before) {
    if (now.has(name) && now.get(name) !== value) await client.call('CONFIG', 'SET', name, value)
  }
}
