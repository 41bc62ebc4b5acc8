import { readdir, readlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { type EngineName, type EngineWish, settleWish } from './engine.js'

/*
 * Engines that were unpacked from a distribution's packages without being installed: one folder for each, named as
 * `redis@7.0`, that holds the program with its C library, its loader and all its other libraries.
 */

/** An unpacked engine. */
export interface UnpackedEngine {
  name: EngineName
  generation: string
  /** The folder that stands for the root of a file system. */
  root: string
}

/** Where unpacked engines are kept: REDLINE_ENGINES, or redline/engines in the user's cache. */
export function enginesFolder(env: NodeJS.ProcessEnv): string {
  return env['REDLINE_ENGINES'] || join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'redline', 'engines')
}

/** The unpacked engines, in the order in which they serve where any will do: the usual one, then Redis before Valkey, newest first. */
export async function listUnpacked(folder: string): Promise<UnpackedEngine[]> {
  const names = await readdir(folder).catch(() => [])
  const engines = names.flatMap((entry) => {
    const [, name, generation] = /^(redis|valkey)@(\d+\.\d+)$/.exec(entry) ?? []
    return (name === 'redis' || name === 'valkey') && generation ? [{ name, generation, root: join(folder, entry) } as const] : []
  })
  return engines.toSorted(byPreference)
}

function byPreference(a: UnpackedEngine, b: UnpackedEngine): number {
  const usual = (engine: UnpackedEngine) =>
    Number(settleWish({ name: engine.name, generation: undefined }).generation === engine.generation)
  return a.name.localeCompare(b.name) || usual(b) - usual(a) || Number(b.generation) - Number(a.generation)
}

/** Whether an unpacked engine is what was asked for. */
export function isWished(engine: UnpackedEngine, wish: EngineWish): boolean {
  return (wish.name ?? engine.name) === engine.name && (wish.generation ?? engine.generation) === engine.generation
}

/**
 * How to run an unpacked engine: through its own loader, because its C library need not be the one of this system.
 * Throws when the folder holds no loader.
 */
export async function unpackedCommand(engine: UnpackedEngine): Promise<{ command: string[]; env: Record<string, string> }> {
  const libraries = await libraryFolders(engine.root)
  const loader = await findLoader(engine.root, libraries)
  const command = [loader, '--library-path', libraries.join(':'), join(engine.root, 'usr', 'bin', `${engine.name}-server`)]
  // Debian's Redis 6.0 has its Lua libraries (cjson, bit) in files of their own.
  const LUA_CPATH = libraries.map((folder) => join(folder, 'lua', '5.1', '?.so')).join(';')
  return { command, env: { LUA_CPATH } }
}

/** `lib/x86_64-linux-gnu` and `usr/lib/x86_64-linux-gnu`, whatever the processor. */
async function libraryFolders(root: string): Promise<string[]> {
  const parents = ['lib', 'usr/lib'].map((folder) => join(root, folder))
  const found = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(parent).catch(() => [])
      return entries.filter((entry) => entry.includes('-linux-gnu')).map((entry) => join(parent, entry))
    }),
  )
  return found.flat()
}

async function findLoader(root: string, libraries: readonly string[]): Promise<string> {
  for (const folder of [join(root, 'lib64'), join(root, 'lib'), ...libraries]) {
    const entries = await readdir(folder).catch(() => [])
    const loader = entries.find((entry) => /^ld-linux.*\.so\.\d+$/.test(entry))
    if (loader !== undefined) return withinRoot(root, join(folder, loader))
  }
  throw new Error(`${basename(root)} holds no loader; remove ${root} and try again`)
}

/** A link of the package is absolute as on the system it is for; here it stays below the root. */
async function withinRoot(root: string, path: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined)
  if (target === undefined) return path
  return withinRoot(root, isAbsolute(target) ? join(root, target) : join(dirname(path), target))
}
