// Writes, from the build, the JSON Schemas of redline's files to schemas/ and the list of its rules to docs/rules.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadRules } from '../dist/audit/rules/registry.js'
import { jsonSchemas, jsonSchemaText } from '../dist/schema/json-schema.js'

const root = new URL('../', import.meta.url)
mkdirSync(new URL('schemas/', root), { recursive: true })
const rules = await loadRules()
for (const [name, schema] of Object.entries(jsonSchemas(rules))) write(`schemas/${name}`, jsonSchemaText(schema))
write('docs/rules.md', rulesPage(rules))

function write(path, text) {
  writeFileSync(new URL(path, root), text)
  console.log(path)
}

function rulesPage(rules) {
  const groups = new Map()
  for (const rule of rules) {
    const [group] = rule.id.split('/')
    groups.set(group, [...(groups.get(group) ?? []), rule])
  }
  return `${[
    '# The rules of an audit',
    'What each looks for, and how severe a finding is unless the rule or `redline.config.yaml` says otherwise. `redline explain <id>` shows the page of one: the problem, how it is measured, how to fix it, when to ignore it.',
    ...Array.from(groups, ([group, its]) => `## ${group}\n\n${its.map(lineOf).join('\n')}`),
  ].join('\n\n')}\n`
}

function lineOf({ id, severity, summary }) {
  return `- [\`${id}\`](../src/audit/rules/${id}.md) (${severity}): ${summary.replaceAll('*', String.raw`\*`)}`
}
