import { describeWish, satisfies } from '../engine.js'
import { askVersion } from '../exec.js'
import { launch, type ServerProgram } from '../launch.js'
import { type Provider, type ServerContext, Unavailable } from '../provider.js'
import { enginesFolder, isWished, listUnpacked, type UnpackedEngine, unpackedCommand } from '../unpacked.js'

/** An engine that an earlier run has unpacked. */
export const cacheProvider: Provider = {
  title: 'an engine unpacked by an earlier run',
  async start(wanted, context) {
    const folder = enginesFolder(context.env)
    const engine = (await listUnpacked(folder)).find((candidate) => isWished(candidate, wanted.engine))
    if (!engine) throw new Unavailable(`no ${describeWish(wanted.engine)} in ${folder}`)
    return launch(await unpackedProgram(engine, 'unpacked earlier', context), wanted, context)
  },
}

/** An unpacked engine as a program, after asking it for its version. Throws when it can't run or is not what its folder says. */
export async function unpackedProgram(engine: UnpackedEngine, how: string, context: ServerContext): Promise<ServerProgram> {
  const { command, env } = await unpackedCommand(engine)
  const found = await askVersion(command, context.env, context.signal)
  if (!satisfies(found, engine)) throw new Error(`${engine.root} holds ${found.name} ${found.version}`)
  return { command, env, engine: found, origin: `${found.name} ${found.version}, ${how}` }
}
