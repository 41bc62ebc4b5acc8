import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Client, CommandError } from '../wire/client.js'
import type { Reply } from '../wire/decoder.js'
import type { Argument } from '../wire/encode.js'

/** A Lua script of `src/workloads/lua`, called by its SHA1 as applications do. Which KEYS and ARGV it takes stands at its head. */
export class LuaScript {
  readonly source: string
  readonly sha: string

  /** `name`: its file, without `.lua`. */
  constructor(name: string) {
    // Scripts stand beside the sources, in the package too: the compiler takes only code to dist.
    this.source = readFileSync(fileURLToPath(new URL(`../../src/workloads/lua/${name}.lua`, import.meta.url)), 'utf8')
    this.sha = createHash('sha1').update(this.source).digest('hex')
  }

  /** The arguments of EVALSHA. */
  command(keys: readonly string[], args: readonly Argument[]): Argument[] {
    return ['EVALSHA', this.sha, keys.length, ...keys, ...args]
  }

  /** Makes the server know the script, by calling nothing: `command` can be sent from then on. */
  async load(client: Client): Promise<void> {
    await client.call('SCRIPT', 'LOAD', this.source)
  }

  /** Calls the script; a server that has lost it since is sent its source. Throws CommandError and ConnectionError. */
  async call(client: Client, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
    try {
      return await client.call(...this.command(keys, args))
    } catch (error) {
      if (!(error instanceof CommandError && error.reply.code === 'NOSCRIPT')) throw error
      return client.call('EVAL', this.source, keys.length, ...keys, ...args)
    }
  }
}
