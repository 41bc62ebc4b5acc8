import type { RunResult, Validity } from '../../schema/result.js'
import { counted, exact } from '../words.js'
import { verdictOfClaim } from '../expectations.js'
import { html, type Markup, type Part } from './escape.js'
import type { Tone } from './page.js'
import { badge } from './parts.js'
import { targetText } from './run-environment.js'

/** What a run says in one sentence, and how bad that is. */
export function verdictOfRun(result: RunResult): { tone: Tone; verdict: string; lead: Markup } {
  const claims = result.scenarios
    .filter(({ expectations }) => expectations.length > 0)
    .map(({ expectations }) => verdictOfClaim(expectations))
  const count = (verdict: string) => claims.filter((one) => one === verdict).length
  const rounds = result.scenarios.flatMap(({ variants }) =>
    variants.flatMap((variant) => variant.rounds.map(({ validity }) => validity.verdict)),
  )
  const refuted = count('refuted')
  const open = count('inconclusive')
  const ended = result.failure !== null || result.interrupted
  const usable = rounds.some((verdict) => verdict !== 'invalid')
  const tone: Tone =
    refuted > 0 || result.failure !== null || !usable ? 'bad' : open > 0 || ended || rounds.includes('invalid') ? 'doubtful' : 'good'
  const lead = html`${endedText(result)}
    <ul class="tally">
      ${
        claims.length > 0 && [
          count('holds') > 0 &&
            html`<li>${badge(`${counted(count('holds'), 'claim')} ${count('holds') === 1 ? 'holds' : 'hold'}`, 'good', 'good')}</li>`,
          refuted > 0 && html`<li>${badge(`${exact(refuted)} refuted`, 'bad', 'bad')}</li>`,
          open > 0 && html`<li>${badge(`${exact(open)} inconclusive`, 'doubtful', 'open')}</li>`,
        ]
      }${roundsTally(rounds)}
    </ul>
    <p class="lead dim">
      ${[...new Set(result.targets.map(targetText))].join(', ')} · ${counted(result.environment.cores, 'core')} · ${result.environment.cpu}
    </p>`
  return { tone, verdict: sentence(claims.length, count('holds'), refuted, open, usable), lead }
}

function sentence(claims: number, holding: number, refuted: number, open: number, usable: boolean): string {
  if (!usable) return 'Nothing valid was measured'
  if (claims === 0) return 'Measured, with nothing claimed'
  if (claims === 1)
    return holding === 1 ? 'The claim holds' : refuted === 1 ? 'The claim is refuted' : 'The claim is neither held nor refuted'
  if (holding === claims) return `All ${exact(claims)} claims hold`
  const rest = [refuted > 0 ? `${exact(refuted)} refuted` : '', open > 0 ? `${exact(open)} inconclusive` : ''].filter(Boolean).join(', ')
  return `${holding === 0 ? 'None' : exact(holding)} of ${exact(claims)} claims ${holding === 1 ? 'holds' : 'hold'}, ${rest}`
}

function roundsTally(rounds: readonly Validity['verdict'][]): Part {
  const count = (verdict: string) => rounds.filter((one) => one === verdict).length
  const valid = count('valid')
  return [
    html`<li>
      ${badge(valid === rounds.length ? `${counted(valid, 'round')}, all valid` : `${exact(valid)} of ${counted(rounds.length, 'round')} valid`, 'plain', 'note')}
    </li>`,
    count('suspect') > 0 && html`<li>${badge(`${exact(count('suspect'))} suspect`, 'doubtful', 'doubtful')}</li>`,
    count('invalid') > 0 && html`<li>${badge(`${exact(count('invalid'))} invalid, not counted`, 'doubtful', 'bad')}</li>`,
  ]
}

function endedText({ failure, interrupted }: RunResult): Part {
  if (failure !== null) return html`<p class="lead">The run ended early: ${failure}</p>`
  return interrupted && html`<p class="lead">The run was interrupted: what follows was complete by then.</p>`
}
