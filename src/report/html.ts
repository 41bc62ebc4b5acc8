import type { Format } from './format.js'
import { renderAuditHtml } from './html/audit.js'
import { renderCompareHtml } from './html/compare.js'
import { renderGateHtml } from './html/gate.js'
import { renderRunHtml } from './html/run.js'

/** A page in one file, for a browser. */
export const format: Format = {
  title: 'a page in one file for a browser: charts and tables, without scripts and network',
  renders: { run: renderRunHtml, audit: renderAuditHtml, compare: renderCompareHtml, gate: renderGateHtml },
}
