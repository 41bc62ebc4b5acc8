import { randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { InputError, SafetyError } from '../core/errors.js'
import { quote } from '../core/text.js'

/*
 * A record of every run on a server that redline did not start, kept on this machine from before the first write until the
 * last key is removed, so that `redline clean` can remove what a crashed run left.
 */

/** What every key of a run begins with: `redline:ab12cd34:`. */
const PREFIX = /^redline:[a-z0-9]{8}:$/

const domainSchema = z.strictObject({
  template: z.string().describe('a key, with {i} where its number stands'),
  count: z.int().min(0).describe('{i} runs from 0 to count - 1'),
  width: z.int().min(0).max(20).describe('digits of {i}, zero-padded'),
})

const manifestSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]{8}$/),
    address: z.string().describe('without credentials'),
    prefix: z.string().regex(PREFIX),
    startedAt: z.iso.datetime(),
    pid: z.int().min(1),
    domains: z.array(domainSchema).describe('all keys that the run may write; none when they can not be told in advance'),
  })
  .refine(
    (manifest) =>
      manifest.prefix === prefixOf(manifest.id) && manifest.domains.every(({ template }) => template.startsWith(manifest.prefix)),
  )

/** Keys of one shape: `redline:ab12cd34:user:{i}`. */
export type KeyDomain = z.infer<typeof domainSchema>
export type Manifest = z.infer<typeof manifestSchema>

/** The prefix of a run's keys. */
export function prefixOf(id: string): string {
  return `redline:${id}:`
}

/** A name for a run that no other run has: 8 characters from a-z and 0-9. */
export function newRunId(): string {
  return Array.from(randomBytes(8), (byte) => (byte % 36).toString(36)).join('')
}

/** Throws SafetyError unless a prefix is one that only a run of redline writes under. */
export function assertOwnPrefix(prefix: string): void {
  if (!PREFIX.test(prefix)) throw new SafetyError(`${quote(prefix)} is not the prefix of a run; no key is removed`)
}

/** Where manifests are kept: `$XDG_STATE_HOME/redline/runs`, else below `~/.local/state`. */
export function manifestFolder(env: Record<string, string | undefined>): string {
  const state = env['XDG_STATE_HOME']
  // The XDG specification says to ignore a relative path.
  const base = state !== undefined && isAbsolute(state) ? state : join(env['HOME'] ?? homedir(), '.local', 'state')
  return join(base, 'redline', 'runs')
}

/** Keeps a manifest, readable by its user alone. Throws InputError when it can't be written; then nothing may be written to the server either. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, `${manifest.id}.json`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Renamed when complete: a crash leaves all of it or nothing.
    await writeFile(`${path}.new`, JSON.stringify(manifestSchema.parse(manifest), undefined, 2), { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch (error) {
    if (error instanceof z.ZodError) throw error
    throw new InputError(`the record of this run can not be written to ${quote(folder)}, so its keys could not be found after a crash`, {
      hint: 'make the folder writable, or set XDG_STATE_HOME',
      cause: error,
    })
  }
}

/** Forgets a run whose keys are gone. */
export async function removeManifest(folder: string, id: string): Promise<void> {
  await rm(join(folder, `${id}.json`), { force: true })
}

/** The manifests that are kept, oldest first, and the files that should be manifests and are not. */
export async function listManifests(folder: string): Promise<{ manifests: Manifest[]; unreadable: string[] }> {
  const manifests: Manifest[] = []
  const unreadable: string[] = []
  for (const name of await manifestFiles(folder)) {
    const path = join(folder, name)
    const manifest = parseManifest(await readFile(path, 'utf8'))
    if (manifest && `${manifest.id}.json` === name) manifests.push(manifest)
    else unreadable.push(path)
  }
  manifests.sort((a, b) => a.startedAt.localeCompare(b.startedAt))
  return { manifests, unreadable }
}

async function manifestFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new InputError(`the records of runs in ${quote(folder)} can not be read`, { hint: 'check its permissions', cause: error })
  }
}

function parseManifest(text: string): Manifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
