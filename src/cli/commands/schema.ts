import { InputError } from '../../core/errors.js'
import { didYouMean } from '../../core/text.js'
import { loadRules } from '../../audit/rules/registry.js'
import { jsonSchemas, jsonSchemaText } from '../../schema/json-schema.js'
import type { World } from '../world.js'

/** `redline schema scenario`: prints a JSON Schema. Throws InputError for a name that there is none of. */
export async function schemaCommand(name: string, world: World): Promise<void> {
  const schemas = jsonSchemas(await loadRules())
  const schema = schemas[`${name}.schema.json`]
  const names = Object.keys(schemas).map((file) => file.replace('.schema.json', ''))
  if (!schema) throw new InputError(`there is no schema ${name}${didYouMean(name, names)}`, { hint: `there are ${names.join(', ')}` })
  world.stdout.write(jsonSchemaText(schema))
}
