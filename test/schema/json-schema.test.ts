import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadRules } from '#redline/audit/rules/registry.js'
import { jsonSchemas, jsonSchemaText } from '#redline/schema/json-schema.js'
import { projectFileSchema } from '#redline/schema/project.js'
import { scenarioFileSchema } from '#redline/schema/scenario.js'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const schemas = jsonSchemas(await loadRules())
const shipped = readdirSync(new URL('scenarios/', root), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))

test('the committed schemas are those of this version; npm run schemas writes them', () => {
  expect(readdirSync(new URL('schemas/', root)).toSorted()).toEqual(Object.keys(schemas).toSorted())
  for (const [name, schema] of Object.entries(schemas)) expect(read(`schemas/${name}`)).toBe(jsonSchemaText(schema))
})

describe('the schema of scenarios, read back from its JSON', () => {
  const schema = z.fromJSONSchema(JSON.parse(read('schemas/scenario.schema.json')))
  const minimal = { name: 'a', claim: 'b', variants: { one: { commands: ['PING'] } } }

  test.each(shipped)('accepts %s', (file) => {
    expect(schema.safeParse(parse(read(`scenarios/${file}`))).error).toBeUndefined()
  })

  test('needs no field that has a default', () => {
    expect(schema.safeParse(minimal).success).toBe(true)
    expect(scenarioFileSchema.safeParse(minimal).success).toBe(true)
  })

  test.each([
    ['an unknown field', { ...minimal, claims: 'c' }],
    ['an unknown field of a load', { ...minimal, load: { executer: 'open' } }],
    ['a missing claim', { name: 'a', variants: minimal.variants }],
    ['a wrong type', { ...minimal, rounds: 'five' }],
    ['a wrong choice', { ...minimal, reload: 'never' }],
    ['a number out of range', { ...minimal, load: { connections: 0 } }],
    ['a duration without a unit', { ...minimal, load: { duration: '10' } }],
    ['a wrong name of a variant', { ...minimal, variants: { One: { commands: ['PING'] } } }],
    ['a command of another type', { ...minimal, commands: [5] }],
  ])('refuses %s, as redline does', (_, scenario) => {
    expect(schema.safeParse(scenario).success).toBe(false)
    expect(scenarioFileSchema.safeParse(scenario).success).toBe(false)
  })
})

test('every field of a scenario that is no plain name is explained to whoever completes it in an editor', () => {
  const load = z.toJSONSchema(scenarioFileSchema.shape.load, { io: 'input' })
  const explained = Object.entries(load.properties ?? {}).filter(
    ([, field]) => typeof field === 'object' && field.description !== undefined,
  )
  expect(explained.map(([name]) => name)).toEqual(
    expect.arrayContaining(['executor', 'pipeline', 'threads', 'duration', 'warmup', 'rate', 'keys', 'members']),
  )
})

test('the schema of results keeps results strict', () => {
  const schema = z.fromJSONSchema(JSON.parse(read('schemas/run.schema.json')))
  expect(schema.safeParse({ schema: 'redline/run@2' }).success).toBe(false)
  expect(schemas['run.schema.json']).toMatchObject({ additionalProperties: false, properties: { schema: { const: 'redline/run@1' } } })
})

describe('the schema of redline.config.yaml, read back from its JSON', () => {
  const schema = z.fromJSONSchema(JSON.parse(read('schemas/project.schema.json')))

  test.each([
    ['nothing', {}, true],
    ['a contract', { contracts: [{ pattern: 'a:*', ttl: { max: '30d' }, max_bytes: '4KB', durability: 'cache' }] }, true],
    [
      'settings of rules',
      { rules: { 'sec/nopass': 'off', 'ttl/*': 'note', 'ttl/missing': { severity: 'error', patterns: { 'x:*': 'off' }, share: 0.5 } } },
      true,
    ],
    ['a suppression', { suppressions: [{ rule: 'a/b', reason: 'c', until: '2027-01-31' }] }, true],
    ['an unknown field', { contract: [] }, false],
    ['a suppression without a reason', { suppressions: [{ rule: 'a/b' }] }, false],
    ['a wrong severity', { fail_on: 'fatal' }, false],
    ['a wrong setting', { rules: { 'ttl/missing': 'on' } }, false],
    ['a contract without a pattern', { contracts: [{ ttl: 'required' }] }, false],
  ])('takes %s as redline does', (_, file, right) => {
    expect(schema.safeParse(file).success).toBe(right)
    expect(projectFileSchema.safeParse(file).success).toBe(right)
  })

  test('explains every field', () => {
    const { properties = {} } = z.toJSONSchema(projectFileSchema, { io: 'input' })
    for (const field of Object.values(properties)) expect(field).toHaveProperty('description')
  })
})

test('the schema of redline.config.yaml knows the rules and their options, which redline itself checks elsewhere', () => {
  const schema = z.fromJSONSchema(JSON.parse(read('schemas/project.schema.json')))
  const accepts = (rules: object) => schema.safeParse({ rules }).success
  expect(accepts({ '*': 'note', 'ttl/*': { severity: 'off' }, 'mem/big-string': { patterns: { 'a:*': 'off' } } })).toBe(true)
  expect(accepts({ 'ttl/mising': 'off' })).toBe(false)
  expect(accepts({ 'ttl/missing': { shar: 0.5 } })).toBe(false)
  expect(accepts({ 'ttl/missing': { share: 'half' } })).toBe(false)
  expect(accepts({ 'ttl/*': { share: 0.5 } })).toBe(false)
})

test('the schema of audits keeps them strict', () => {
  expect(schemas['audit.schema.json']).toMatchObject({ additionalProperties: false, properties: { schema: { const: 'redline/audit@1' } } })
})
