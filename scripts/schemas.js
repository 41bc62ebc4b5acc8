// Writes the JSON Schemas of scenario and result to schemas/, from the build.
import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemas, jsonSchemaText } from '../dist/schema/json-schema.js'

const directory = new URL('../schemas/', import.meta.url)
mkdirSync(directory, { recursive: true })
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(name, directory), jsonSchemaText(schema))
  console.log(`schemas/${name}`)
}
