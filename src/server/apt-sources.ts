/** A distribution of the Debian family, as /etc/os-release names it. */
export interface Distribution {
  family: 'debian' | 'ubuntu'
  /** `bookworm`, `noble`. */
  codename: string
}

/** One archive that apt is set up with. */
export interface AptSource {
  uri: string
  suite: string
  components: string[]
}

/** The distribution of an os-release file; undefined outside the Debian family. */
export function parseOsRelease(text: string): Distribution | undefined {
  const fields = new Map<string, string>()
  for (const [, name, value] of text.matchAll(/^([A-Z_]+)="?([^"\n]*)"?$/gm)) fields.set(name!, value!)
  const ids = [fields.get('ID'), ...(fields.get('ID_LIKE') ?? '').split(' ')]
  const codename = fields.get('UBUNTU_CODENAME') ?? fields.get('DEBIAN_CODENAME') ?? fields.get('VERSION_CODENAME')
  const family = ids.includes('ubuntu') ? 'ubuntu' : ids.includes('debian') ? 'debian' : undefined
  return family && codename ? { family, codename } : undefined
}

/** The binary archives of a sources file: the one-line form of *.list, or the stanzas of *.sources (deb822). */
export function parseAptSources(text: string, form: 'list' | 'sources'): AptSource[] {
  if (form === 'list') return text.split('\n').flatMap((line) => parseLine(line.replace(/#.*/, '')))
  const withoutComments = text.replace(/^#.*\n/gm, '')
  return withoutComments.split(/\n\s*\n/).flatMap(parseStanza)
}

function parseLine(line: string): AptSource[] {
  const [, uri, suite, components] = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line) ?? []
  return uri && suite ? [{ uri, suite, components: words(components) }] : []
}

function parseStanza(stanza: string): AptSource[] {
  const fields = new Map<string, string>()
  for (const [, name, value] of stanza.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)$/gm)) fields.set(name!.toLowerCase(), value!)
  if (!words(fields.get('types')).includes('deb') || /^(no|false|0)$/i.test(fields.get('enabled')?.trim() ?? '')) return []
  const components = words(fields.get('components'))
  return words(fields.get('uris')).flatMap((uri) => words(fields.get('suites')).map((suite) => ({ uri, suite, components })))
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean)
}

const ROLLING = ['stable', 'testing', 'unstable', 'sid']

/** The distribution's own main archive among all that apt is set up with; vendors' archives and updates are passed over. */
export function ownArchive(sources: readonly AptSource[], distribution: Distribution): AptSource | undefined {
  const suites = [distribution.codename, ...(distribution.family === 'debian' ? ROLLING : [])]
  const candidates = sources.filter(({ uri, components }) => uri.includes(distribution.family) && components.includes('main'))
  return suites.map((suite) => candidates.find((source) => source.suite === suite)).find((source) => source !== undefined)
}
