import { describeWish, type EngineName, satisfies } from '../engine.js'
import { askVersion, findOnPath } from '../exec.js'
import { launch, type ServerProgram } from '../launch.js'
import { type Provider, type ServerContext, Unavailable } from '../provider.js'

/** A server that is installed. */
export const pathProvider: Provider = {
  title: 'redis-server or valkey-server on PATH',
  async start(wanted, context) {
    const found: string[] = []
    for (const engine of ['redis', 'valkey'] as const) {
      const program = await programOnPath(engine, context)
      if (program && satisfies(program.engine, wanted.engine)) return launch(program, wanted, context)
      if (program) found.push(`${program.origin} is ${program.engine.name} ${program.engine.version}`)
    }
    throw new Unavailable(found.length === 0 ? 'none is there' : `${found.join(' and ')}, not ${describeWish(wanted.engine)}`)
  },
}

/** Its name does not tell the engine: some distributions call Valkey redis-server. */
async function programOnPath(name: EngineName, context: ServerContext): Promise<ServerProgram | undefined> {
  const binary = `${name}-server`
  const file = await findOnPath(binary, context.env)
  if (file === undefined) return undefined
  return { command: [file], engine: await askVersion([file], context.env, context.signal), origin: `${binary} on PATH` }
}
