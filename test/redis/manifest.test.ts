import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ZodError } from 'zod'
import {
  type Manifest,
  assertOwnPrefix,
  listManifests,
  manifestFolder,
  newRunId,
  prefixOf,
  removeManifest,
  writeManifest,
} from '#redline/redis/manifest.js'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'redline-manifest-')), 'redline', 'runs')
})
afterEach(() => rmSync(join(folder, '..', '..'), { recursive: true }))

const manifest = (id: string, more: Partial<Manifest> = {}): Manifest => ({
  id,
  address: 'redis://cache-1:6379',
  prefix: prefixOf(id),
  startedAt: '2026-11-23T04:00:00.000Z',
  pid: 1234,
  domains: [{ template: `redline:${id}:user:{i}`, count: 100, width: 2 }],
  ...more,
})

test('what is written is listed, oldest first, until it is removed', async () => {
  expect(await listManifests(folder)).toEqual({ manifests: [], unreadable: [] })
  const [late, early] = [manifest('bbbbbbbb', { startedAt: '2026-11-24T00:00:00.000Z' }), manifest('cccccccc')]
  await writeManifest(folder, late)
  await writeManifest(folder, early)
  expect(await listManifests(folder)).toEqual({ manifests: [early, late], unreadable: [] })
  await removeManifest(folder, late.id)
  await removeManifest(folder, 'zzzzzzzz')
  expect((await listManifests(folder)).manifests).toEqual([early])
})

test('nobody else can read it, and nothing half written is left', async () => {
  await writeManifest(folder, manifest('bbbbbbbb'))
  expect(readdirSync(folder)).toEqual(['bbbbbbbb.json'])
  expect(statSync(join(folder, 'bbbbbbbb.json')).mode & 0o077).toBe(0)
})

test('files that are no manifests are named and never followed', async () => {
  await writeManifest(folder, manifest('bbbbbbbb'))
  const bad = {
    'broken.json': '{',
    'empty.json': '{}',
    'prefix.json': JSON.stringify(manifest('cccccccc', { prefix: '' })),
    'foreign.json': JSON.stringify(manifest('cccccccc', { prefix: 'redline:dddddddd:' })),
    'stray.json': JSON.stringify(manifest('cccccccc', { domains: [{ template: 'user:{i}', count: 9, width: 1 }] })),
    'renamed.json': JSON.stringify(manifest('cccccccc')),
    'more.json': JSON.stringify({ ...manifest('cccccccc'), more: 1 }),
  }
  for (const [name, text] of Object.entries(bad)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'notes.txt'), 'not a manifest, and not named like one')
  const { manifests, unreadable } = await listManifests(folder)
  expect(manifests.map(({ id }) => id)).toEqual(['bbbbbbbb'])
  expect(unreadable.map((path) => path.slice(folder.length + 1))).toEqual(Object.keys(bad).toSorted())
})

test('a manifest that would remove foreign keys is not written', async () => {
  const stray = [{ template: 'x{i}', count: 1, width: 1 }]
  await expect(writeManifest(folder, manifest('bbbbbbbb', { prefix: 'user:' }))).rejects.toBeInstanceOf(ZodError)
  await expect(writeManifest(folder, manifest('bbbbbbbb', { domains: stray }))).rejects.toBeInstanceOf(ZodError)
  expect(existsSync(join(folder, 'bbbbbbbb.json'))).toBe(false)
})

test('a folder that can not be written says what to do', async () => {
  const file = join(folder, '..', '..', 'file')
  writeFileSync(file, '')
  chmodSync(file, 0o600)
  await expect(writeManifest(join(file, 'runs'), manifest('bbbbbbbb'))).rejects.toMatchObject({
    message: expect.stringContaining('can not be written'),
    hint: expect.stringContaining('XDG_STATE_HOME'),
  })
  await expect(listManifests(join(file, 'runs'))).rejects.toThrow(/can not be read/)
})

test('the folder follows the XDG specification', () => {
  expect(manifestFolder({ HOME: '/home/me' })).toBe('/home/me/.local/state/redline/runs')
  expect(manifestFolder({ HOME: '/home/me', XDG_STATE_HOME: '/state' })).toBe('/state/redline/runs')
  expect(manifestFolder({ HOME: '/home/me', XDG_STATE_HOME: 'relative' })).toBe('/home/me/.local/state/redline/runs')
})

test('ids are unlike each other and make prefixes', () => {
  const ids = Array.from({ length: 1000 }, () => newRunId())
  expect(new Set(ids).size).toBe(1000)
  expect(() => {
    for (const id of ids) assertOwnPrefix(prefixOf(id))
  }).not.toThrow()
})

test.each([
  '',
  'redline:',
  'redline:ab12cd34',
  'redline:AB12CD34:',
  'redline:*:',
  'redline:ab12cd3*:',
  'user:',
  'xredline:ab12cd34:',
  'redline:ab12cd34:\n',
])('%j is no prefix of a run', (prefix) => {
  expect(() => assertOwnPrefix(prefix)).toThrow(/is not the prefix of a run/)
})
