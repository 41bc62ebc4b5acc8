import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { RuleId } from './rules/registry.js'

/** The page of a rule, as Markdown: its problem, how it is measured, how to fix it, when to ignore it. */
export function readRulePage(id: RuleId): Promise<string> {
  // Pages stand beside the sources, in the package too: the compiler takes only code to dist.
  return readFile(fileURLToPath(new URL(`../../src/audit/rules/${id}.md`, import.meta.url)), 'utf8')
}
