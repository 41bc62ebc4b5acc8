import type { AuditResult } from '../../schema/audit.js'
import { pen } from '../plot/draw.js'
import { assessedBody } from './audit-assessed.js'
import { costBody } from './audit-cost.js'
import { findingsBody } from './audit-findings.js'
import { growthBody } from './audit-growth.js'
import { keyspaceBody } from './audit-keyspace.js'
import { policyBody } from './audit-policy.js'
import { serversBody } from './audit-servers.js'
import { topKeysBody } from './audit-top.js'
import { verdictOfAudit } from './audit-verdict.js'
import { html, type Part } from './escape.js'
import { pageText, type Section } from './page.js'
import { dateText } from './parts.js'

/**
 * An audit as a page: what is wrong first, the most severe first, with what to do; then what the keyspace is made of, what changed, what
 * could not be looked at and what the audit cost. Depends on the saved result alone.
 */
export function renderAuditHtml(result: AuditResult): string {
  const { tone, verdict, lead } = verdictOfAudit(result)
  return pageText({
    title: `${verdict} - redline audit of ${result.target.name}`,
    tone,
    kicker: `redline audit · ${result.target.name} · ${dateText(result.startedAt)}`,
    verdict,
    lead,
    sections: [
      section('findings', 'What was found, and what to do', 'Findings', findingsBody(result)),
      section('keyspace', 'What the keyspace is made of', 'Keyspace', keyspaceBody(result, pen())),
      section('top', 'Keys that stand out', 'Top keys', topKeysBody(result)),
      section('growth', 'What changed', 'Growth', growthBody(result)),
      section('policy', 'What was set aside', 'Policy', policyBody(result)),
      section('assessed', 'What was not assessed, and what passed', 'Not assessed', assessedBody(result)),
      section('servers', 'What was audited, and what it cost', 'Cost', [serversBody(result), costBody(result)]),
    ].flat(),
    footer: html`<p>
      Made by redline ${result.tool.version} from the audit’s result.json, which has everything:
      <code>redline report result.json --format html=report.html</code> makes this page again, and the same one. Pages about rules:
      <code>redline explain</code> and the name of the rule.
    </p>`,
  })
}

/** Nothing where there is nothing to say. */
function section(id: string, heading: string, short: string, body: Part): Section[] {
  return body === '' || body === false || body === null || body === undefined ? [] : [{ id, heading, short, body }]
}
