import { basename } from 'node:path'
import { messageOf } from '../../core/errors.js'
import { quote } from '../../core/text.js'
import { splitWords } from '../config.js'
import { describeWish, type EngineWish, satisfies } from '../engine.js'
import { askVersion } from '../exec.js'
import { launch } from '../launch.js'
import { type Provider, Unavailable } from '../provider.js'

/** What starts a server of an engine, by the engine's name (`redis@6.0`): a program with options, as one text or in words. */
export type EngineCommands = Readonly<Record<string, string | readonly string[]>>

/** A server by the command that somebody has given for its engine. */
export function commandProvider(commands: EngineCommands): Provider {
  return {
    title: 'a command of redline.config.yaml',
    async start(wanted, context) {
      const given = commandFor(commands, wanted.engine)
      if (given === undefined) throw new Unavailable(`none is given for ${describeWish(wanted.engine)}`)
      const command = typeof given === 'string' ? splitWords(given) : [...given]
      const engine = await askVersion(programOf(command), context.env, context.signal).catch((error: unknown) => {
        throw new Error(`engines of redline.config.yaml: ${messageOf(error)}`, { cause: error })
      })
      if (!satisfies(engine, wanted.engine)) {
        throw new Error(`engines of redline.config.yaml: ${quote(command.join(' '))} is ${engine.name} ${engine.version}`)
      }
      return launch({ command, engine, origin: `${engine.name} ${engine.version}, by redline.config.yaml` }, wanted, context)
    },
  }
}

/** Any generation will do for a wish without one. */
function commandFor(commands: EngineCommands, wish: EngineWish): string | readonly string[] | undefined {
  if (wish.name === undefined) return undefined
  const exact = commands[describeWish(wish)]
  if (exact !== undefined || wish.generation !== undefined) return exact
  return Object.entries(commands).find(([name]) => name.startsWith(`${wish.name}@`))?.[1]
}

/** The command without the options behind its program: a server tells its version only when nothing else is asked of it. */
function programOf(command: readonly string[]): readonly string[] {
  const at = command.findLastIndex((word) => !word.startsWith('-') && /redis|valkey|server/.test(basename(word)))
  return at < 0 ? command : command.slice(0, at + 1)
}
