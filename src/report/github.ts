import type { RunResult } from '../schema/result.js'
import { auditToGithub } from './audit/github.js'
import { compareToGithub } from './compare/github.js'
import type { Format } from './format.js'
import { gateToGithub } from './gate/github.js'
import { problemsOf } from './problems.js'
import { claimsCounted, roundsCounted } from './terminal.js'
import { annotationCommand, type Annotation, limited } from './text/workflow-command.js'

export const format: Format = {
  title: 'annotations of a GitHub workflow, the most severe first, ten of each kind',
  renders: { run: runToGithub, audit: auditToGithub, compare: compareToGithub, gate: gateToGithub },
}

/** What is wrong with a run as annotations, and the count of it all as a notice. */
export function runToGithub(result: RunResult): string {
  const problems = problemsOf(result).map(({ level, about, what, message }): Annotation => ({ level, title: `${about}: ${what}`, message }))
  const message = [...claimsCounted(result), roundsCounted(result, PLAIN)].join(' · ')
  const summary: Annotation = { level: 'notice', title: 'redline run', message }
  return limited([...problems, summary])
    .map(annotationCommand)
    .join('')
}

const PLAIN = { width: Infinity, color: false, unicode: true }
