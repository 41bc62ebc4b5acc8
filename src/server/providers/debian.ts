import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { safeText } from '../../core/text.js'
import { ownArchive, parseOsRelease, type Distribution } from '../apt-sources.js'
import { PrivateApt, systemSources } from '../apt.js'
import { describeWish, type EngineName, type EngineWish, generationOf, satisfies, settleWish, TESTED_ENGINES } from '../engine.js'
import { findOnPath } from '../exec.js'
import { launch } from '../launch.js'
import { type Provider, type ServerContext, Unavailable } from '../provider.js'
import { enginesFolder, type UnpackedEngine } from '../unpacked.js'
import { unpackedProgram } from './cache.js'

const run = promisify(execFile)
const TIMEOUT_MS = 120_000
const ABANDONED_MS = 3_600_000

/** The distribution's own package, downloaded and unpacked without root, and kept for later runs. */
export const debianProvider: Provider = {
  title: "the distribution's package, unpacked without installing it",
  async start(wanted, context) {
    const engine = await fetchPackage(wanted.engine, context)
    return launch(await unpackedProgram(engine, 'unpacked for this run', context), wanted, context)
  },
}

interface Package {
  distribution: Distribution
  uri: string
  suite: string
  engine: EngineName
}

async function fetchPackage(wish: EngineWish, context: ServerContext): Promise<UnpackedEngine> {
  const source = await choosePackage(wish, context.env)
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    return await downloadAndUnpack(source, wish, { ...context, signal: AbortSignal.any([context.signal, timeout]) })
  } catch (error) {
    throw timeout.aborted ? new Error(`it took longer than ${TIMEOUT_MS / 1000} s`, { cause: error }) : error
  }
}

/** Debian's archive has every suite, so a generation can be asked for; elsewhere there is the system's own. */
async function choosePackage(wish: EngineWish, env: NodeJS.ProcessEnv): Promise<Package> {
  const tools = await Promise.all(['apt-get', 'apt-cache', 'dpkg-deb'].map((tool) => findOnPath(tool, env)))
  if (tools.includes(undefined)) throw new Unavailable('this system has no apt-get')
  const distribution = parseOsRelease(await readFile('/etc/os-release', 'utf8').catch(() => ''))
  if (!distribution) throw new Unavailable('this system is neither Debian nor Ubuntu')
  const own = ownArchive(await systemSources(), distribution)
  if (!own) throw new Unavailable(`apt is not set up with the archive of ${distribution.codename}`)
  const suite = distribution.family === 'debian' ? (otherSuite(wish) ?? own.suite) : own.suite
  return { distribution, uri: own.uri, suite, engine: wish.name ?? 'redis' }
}

/** The Debian suite that has what was asked for; undefined when that is the system's own Redis, or unknown. */
function otherSuite(wish: EngineWish): string | undefined {
  if (wish.generation === undefined && wish.name !== 'valkey') return undefined
  const { name, generation } = settleWish(wish)
  return TESTED_ENGINES.find((engine) => engine.name === name && engine.generation === generation)?.debianSuite
}

/** Everything happens in a folder of this process; the engine appears under its name complete or not at all. */
async function downloadAndUnpack(source: Package, wish: EngineWish, context: ServerContext): Promise<UnpackedEngine> {
  const folder = enginesFolder(context.env)
  await mkdir(folder, { recursive: true })
  await removeAbandoned(folder)
  const work = await mkdtemp(join(folder, `${source.engine}.part-`))
  try {
    const apt = await PrivateApt.create(join(work, 'apt'), source, context.env, context.signal)
    await apt.update()
    const version = await apt.versionOf(`${source.engine}-tools`)
    const from = `${source.distribution.family === 'debian' ? 'Debian' : 'Ubuntu'} ${source.suite}`
    if (version === undefined) throw new Unavailable(`${from} has no ${source.engine}`)
    if (!satisfies({ name: source.engine, version }, wish)) {
      throw new Unavailable(`${from} has ${source.engine} ${safeText(version)}, not ${describeWish(wish)}`)
    }
    const generation = generationOf(version)
    const engine = { name: source.engine, generation, root: join(folder, `${source.engine}@${generation}`) }
    if (existsSync(engine.root)) return engine
    context.onProgress({ kind: 'step', message: `downloading ${source.engine} ${version} with its libraries from ${from}` })
    await unpack(await apt.download(`${source.engine}-tools`), source.engine, join(work, 'root'), context)
    await unpackedProgram({ ...engine, root: join(work, 'root') }, '', context)
    await publish(join(work, 'root'), engine.root)
    return engine
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * The server is in the tools package, under another name: one program is server, sentinel and checker, by what it is
 * called.
 */
async function unpack(files: readonly string[], engine: EngineName, root: string, context: ServerContext): Promise<void> {
  await mkdir(root)
  for (const file of files) await run('dpkg-deb', ['-x', file, root], { env: context.env, signal: context.signal })
  // What the base-files package makes on a system whose /lib is /usr/lib.
  for (const name of ['lib', 'lib64']) {
    if (!existsSync(join(root, name)) && existsSync(join(root, 'usr', name))) await symlink(join('usr', name), join(root, name))
  }
  const bin = join(root, 'usr', 'bin')
  if (!existsSync(join(bin, `${engine}-server`))) await symlink(`${engine}-check-rdb`, join(bin, `${engine}-server`))
}

/** Another process that was faster has published the same. */
async function publish(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

/** What a process that was killed while it unpacked has left. */
async function removeAbandoned(folder: string): Promise<void> {
  const leftovers = (await readdir(folder)).filter((name) => /^(redis|valkey)\.part-/.test(name)).map((name) => join(folder, name))
  for (const path of leftovers) {
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    )
    if (Date.now() - changed > ABANDONED_MS) await rm(path, { recursive: true, force: true })
  }
}
