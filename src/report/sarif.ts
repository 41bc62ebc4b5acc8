import { auditToSarif } from './audit/sarif.js'
import type { Format } from './format.js'

export const format: Format = {
  title: 'SARIF 2.1.0, for code scanning: findings with their rules, the same finding by the same fingerprint',
  renders: { audit: (audit, { rules }) => auditToSarif(audit, rules) },
  usesRules: true,
}
