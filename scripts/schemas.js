// Writes the JSON Schemas of redline's files to schemas/, from the build.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadRules } from '../dist/audit/rules/registry.js'
import { jsonSchemas, jsonSchemaText } from '../dist/schema/json-schema.js'

const directory = new URL('../schemas/', import.meta.url)
mkdirSync(directory, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas(await loadRules()))) {
  writeFileSync(new URL(name, directory), jsonSchemaText(schema))
  console.log(`schemas/${name}`)
}
