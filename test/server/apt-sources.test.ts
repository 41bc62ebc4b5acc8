import { describe, expect, test } from 'vitest'
import { ownArchive, parseAptSources, parseOsRelease } from '#redline/server/apt-sources.js'

const debian = { family: 'debian', codename: 'bookworm' } as const
const ubuntu = { family: 'ubuntu', codename: 'noble' } as const

test.each([
  ['Debian', 'ID=debian\nVERSION_CODENAME=bookworm\n', debian],
  ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n', ubuntu],
  ['Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n', ubuntu],
  ['Fedora', 'ID=fedora\nVERSION_ID=41\n', undefined],
  ['nothing', '', undefined],
])('%s is recognised', (_, text, distribution) => {
  expect(parseOsRelease(text)).toEqual(distribution)
})

describe('the archives that apt is set up with', () => {
  test('are read from one-line files', () => {
    const text = `# deb http://old.example/debian stretch main
deb-src http://deb.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://deb.example/debian bookworm main contrib # the main one
  deb http://deb.example/debian-security bookworm-security main`
    expect(parseAptSources(text, 'list')).toEqual([
      { uri: 'http://deb.example/debian', suite: 'bookworm', components: ['main', 'contrib'] },
      { uri: 'http://deb.example/debian-security', suite: 'bookworm-security', components: ['main'] },
    ])
  })

  test('are read from stanzas', () => {
    const text = `Types: deb deb-src
# a comment in between
URIs: http://deb.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://src.example/debian
Suites: bookworm
Components: main
`
    expect(parseAptSources(text, 'sources')).toEqual([
      { uri: 'http://deb.example/debian', suite: 'bookworm', components: ['main'] },
      { uri: 'http://deb.example/debian', suite: 'bookworm-updates', components: ['main'] },
    ])
  })
})

describe("the distribution's own archive", () => {
  const source = (uri: string, suite: string, ...components: string[]) => ({ uri, suite, components })

  test('is found among those of vendors, and is not its updates', () => {
    const sources = [
      source('https://packages.vendor.example/deb', 'bookworm', 'main'),
      source('https://download.vendor.example/linux/debian', 'bookworm', 'stable'),
      source('http://deb.example/debian', 'bookworm-updates', 'main'),
      source('http://deb.example/debian', 'bookworm', 'main', 'contrib'),
    ]
    expect(ownArchive(sources, debian)).toEqual(sources[3])
  })

  test('may be named by what it is at the time', () => {
    const sources = [source('http://deb.example/debian', 'sid', 'main')]
    expect(ownArchive(sources, { family: 'debian', codename: 'forky' })).toEqual(sources[0])
  })

  test('of Ubuntu may be a mirror list or the ports', () => {
    const sources = [source('mirror+file:/etc/apt/ubuntu-mirrors.list', 'noble', 'main', 'universe')]
    expect(ownArchive(sources, ubuntu)).toEqual(sources[0])
  })

  test('is not there', () => {
    expect(ownArchive([source('https://packages.vendor.example/deb', 'bookworm', 'main')], debian)).toBeUndefined()
  })
})
