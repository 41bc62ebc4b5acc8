import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findScenarios, listShipped, readScenario, SHIPPED_SCENARIOS } from '#redline/config/discover.js'
import { InputError } from '#redline/core/errors.js'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'redline-discover-'))
  for (const folder of ['mine/deep', 'mine/.hidden', 'mine/node_modules', 'hashes', 'empty'])
    mkdirSync(join(cwd, folder), { recursive: true })
  const files = [
    'mine/a.yaml',
    'mine/b.yml',
    'mine/c.txt',
    'mine/deep/d.yaml',
    'mine/.hidden/e.yaml',
    'mine/node_modules/f.yaml',
    'hashes/own.yaml',
  ]
  for (const file of files) writeFileSync(join(cwd, file), 'name: mine\nclaim: x\nvariants: { one: { commands: [PING] } }\n')
  writeFileSync(join(cwd, 'binary.yaml'), Buffer.from([0x6e, 0xff, 0xfe]))
  writeFileSync(join(cwd, 'large.yaml'), '#'.repeat(65 * 1024))
  writeFileSync(join(cwd, 'wrong.yaml'), 'name: 5\n')
  symlinkSync(join(cwd, 'mine'), join(cwd, 'mine/deep/loop'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const ids = async (...selectors: string[]) => (await findScenarios(selectors, cwd)).map(({ id }) => id)
const location = (file: string) => ({ id: file, path: join(cwd, file), shown: file })
const refusal = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof InputError ? error : undefined),
  )

test('shipped scenarios are found by id, folder and glob', async () => {
  const all = (await listShipped(cwd)).map(({ id }) => id)
  expect(all).toContain('hashes/profile-read')
  expect(all).toEqual(all.toSorted())
  expect(await ids('all')).toEqual(all)
  expect(await ids('**')).toEqual(all)
  expect(await ids('hashes/profile-read')).toEqual(['hashes/profile-read'])
  const strings = all.filter((id) => id.startsWith('strings/'))
  expect(await ids('strings')).toEqual(strings)
  expect(await ids('strings/')).toEqual(strings)
  expect(await ids('strings/*')).toEqual(strings)
  expect(await ids('*/*-incr', 's?rings/s*')).toEqual(['strings/counter-incr', 'strings/session-setex'])
})

test('each scenario comes once, in the order asked for', async () => {
  expect(await ids('strings/session-setex', 'strings', 'strings/counter-incr')).toEqual([
    'strings/session-setex',
    ...(await ids('strings')).filter((id) => id !== 'strings/session-setex'),
  ])
})

test('own files are found by path, and folders with what is below them', async () => {
  expect(await ids('mine/a.yaml', './mine/b.yml')).toEqual(['mine/a.yaml', 'mine/b.yml'])
  expect(await ids('mine')).toEqual(['mine/a.yaml', 'mine/b.yml', 'mine/deep/d.yaml'])
  expect(await ids(join(cwd, 'mine/a.yaml'))).toEqual(['mine/a.yaml'])
  expect((await findScenarios(['../' + cwd.split('/').at(-1)! + '/mine/a.yaml'], cwd))[0]).toEqual(location('mine/a.yaml'))
})

test('an id wins over a folder of that name, unless a path is meant', async () => {
  expect(await ids('hashes')).not.toContain('hashes/own.yaml')
  expect(await ids('./hashes')).toEqual(['hashes/own.yaml'])
})

test('a shipped file named by path keeps its id', async () => {
  expect(await ids(join(SHIPPED_SCENARIOS, 'hashes/profile-read.yaml'))).toEqual(['hashes/profile-read'])
  const [found] = await findScenarios(['hashes/profile-read'], join(SHIPPED_SCENARIOS, '..'))
  expect(found!.shown).toBe('scenarios/hashes/profile-read.yaml')
  expect((await findScenarios(['hashes/profile-read'], cwd))[0]!.shown).toBe(found!.path)
})

test('everything that names nothing is told at once, with the nearest name and where to look', async () => {
  const error = await refusal(
    findScenarios(['hashes/profile-raed', 'strings/counter-incr', 'strngs', 'no/*', './none.yaml', 'empty', 'x\x1b'], cwd),
  )
  expect(error?.message.split('\n')).toEqual([
    'no scenario "hashes/profile-raed"; did you mean hashes/profile-read?',
    'no scenario "strngs"; did you mean strings?',
    'no scenario "no/*"',
    'no scenario file "./none.yaml"',
    'no scenario "empty"',
    String.raw`no scenario "x\x1b"`,
  ])
  expect(error?.hint).toContain('redline list')
})

test('a file is read and checked', async () => {
  expect(await readScenario(location('mine/a.yaml'))).toMatchObject({ name: 'mine' })
  expect((await refusal(readScenario(location('wrong.yaml'))))?.message).toMatch(/^wrong\.yaml has \d mistakes\n {2}1:1 /)
})

test.each([
  ['binary.yaml', "can't read binary.yaml: it is not UTF-8 text"],
  ['large.yaml', "can't read large.yaml: it is larger than 64 KB"],
  ['mine', "can't read mine: it is no file"],
  ['none.yaml', "can't read none.yaml: ENOENT"],
])('%s is refused: %s', async (file, message) => {
  expect((await refusal(readScenario(location(file))))?.message).toContain(message)
})

test('a device that never ends is refused', async () => {
  expect((await refusal(readScenario({ id: 'x', path: '/dev/zero', shown: '/dev/zero' })))?.message).toBe(
    "can't read /dev/zero: it is no file",
  )
})
