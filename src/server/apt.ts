import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { safeText } from '../core/text.js'
import { type AptSource, type Distribution, parseAptSources } from './apt-sources.js'
import { plainLocale } from './exec.js'

const run = promisify(execFile)

const KEYRING = { debian: '/usr/share/keyrings/debian-archive-keyring.gpg', ubuntu: '/usr/share/keyrings/ubuntu-archive-keyring.gpg' }
const COMPONENTS = { debian: 'main', ubuntu: 'main universe' }

/** Every archive that the system's apt is set up with, in apt's order. */
export async function systemSources(): Promise<AptSource[]> {
  const parts = '/etc/apt/sources.list.d'
  const names = await readdir(parts).catch(() => [])
  const files = ['/etc/apt/sources.list', ...names.toSorted((a, b) => a.localeCompare(b)).map((name) => join(parts, name))]
  const sources = await Promise.all(
    files.map(async (file) => {
      const form = /\.(list|sources)$/.exec(file)?.[1]
      if (form !== 'list' && form !== 'sources') return []
      return parseAptSources(await readFile(file, 'utf8').catch(() => ''), form)
    }),
  )
  return sources.flat()
}

/**
 * The system's apt and its settings (proxy, credentials), but with all that it reads and writes in a folder of our own:
 * it needs no root, and leaves no trace on the system. It believes that nothing is installed, so that it downloads a
 * package with all its libraries down to the C library.
 */
export class PrivateApt {
  readonly #folder: string
  readonly #env: NodeJS.ProcessEnv
  readonly #signal: AbortSignal

  private constructor(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#folder = folder
    this.#env = { ...plainLocale(env), DEBIAN_FRONTEND: 'noninteractive' }
    this.#signal = signal
  }

  /** An apt that knows one suite of one archive. `folder` is made, and is the caller's to remove. */
  static async create(
    folder: string,
    archive: { distribution: Distribution; uri: string; suite: string },
    env: NodeJS.ProcessEnv,
    signal: AbortSignal,
  ): Promise<PrivateApt> {
    const { family } = archive.distribution
    const empty = ['state/lists/partial', 'cache/archives/partial', 'none'].map((path) => mkdir(join(folder, path), { recursive: true }))
    await Promise.all(empty)
    await writeFile(join(folder, 'state/status'), '')
    await writeFile(
      join(folder, 'sources.list'),
      `deb [signed-by=${KEYRING[family]}] ${archive.uri} ${archive.suite} ${COMPONENTS[family]}\n`,
    )
    await writeFile(join(folder, 'apt.conf'), settings(folder))
    return new PrivateApt(folder, env, signal)
  }

  /** Reads the archive's index. Throws with apt's own words. */
  async update(): Promise<void> {
    await this.#apt('apt-get', 'update')
  }

  /** The upstream version of a package: `7.0.15` of `5:7.0.15-1~deb12u5`; undefined when the archive has no such package. */
  async versionOf(name: string): Promise<string | undefined> {
    const output = await this.#apt('apt-cache', 'policy', name)
    return /^\s+Candidate: (?:\d+:)?(\d[^-+~\s]*)/m.exec(output)?.[1]
  }

  /** Downloads a package with everything that it needs, and returns the files. Throws with apt's own words. */
  async download(name: string): Promise<string[]> {
    await this.#apt('apt-get', 'install', '--download-only', name)
    const archives = join(this.#folder, 'cache/archives')
    return (await readdir(archives)).filter((file) => file.endsWith('.deb')).map((file) => join(archives, file))
  }

  async #apt(tool: string, ...args: string[]): Promise<string> {
    try {
      return (await run(tool, ['-c', join(this.#folder, 'apt.conf'), ...args], { env: this.#env, signal: this.#signal })).stdout
    } catch (error) {
      throw new Error(`${tool} ${args[0]} failed: ${complaint(error)}`, { cause: error })
    }
  }
}

/** #clear drops hooks of the system that would act on the system: they are meant for a real update. */
function settings(folder: string): string {
  return `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "${folder}/state";
Dir::State::status "${folder}/state/status";
Dir::Cache "${folder}/cache";
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "${folder}/none";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "${folder}/none";
APT::Sandbox::User "";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
`
}

/** The last error or warning that apt wrote. */
function complaint(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const lines = stderr.split('\n').filter((line) => /^[EW]: /.test(line))
  const said = lines.findLast((line) => line.startsWith('E: Failed')) ?? lines.at(-1)
  return said ? safeText(said.slice(3)) : error instanceof Error ? error.message : String(error)
}
