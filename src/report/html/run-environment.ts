import { formatBytes } from '../../core/units.js'
import type { RunResult, Target } from '../../schema/result.js'
import { html, type Markup } from './escape.js'
import type { Section } from './page.js'
import { facts, folded, name, table } from './parts.js'

/** `redis 7.0.15, unpacked for this run` */
export function targetText({ engine, version, origin, address, ours, config }: Target): string {
  const what = `${engine} ${version}`
  const where = ours ? origin : address
  const io = Number(config['io-threads'] ?? 1) > 1 ? `, io-threads ${config['io-threads']}` : ''
  return (where.startsWith(what) ? where : `${what}, ${where}`) + io
}

/** Where it was measured, and on what. */
export function environmentSection(result: RunResult): Section {
  return {
    id: 'environment',
    heading: 'Where it was measured',
    short: 'Environment',
    body: html`${machine(result)}${result.targets.map(server)}`,
  }
}

function machine({ environment, seed, profile }: RunResult): Markup {
  const { cpu, cores, memoryBytes, os, kernel, node, container, governor, transparentHugePages } = environment
  return html`<div class="card">
    <h3>Machine of the generator</h3>
    ${facts([
      ['CPU', cpu],
      ['Cores', cores],
      ['Memory', formatBytes(memoryBytes)],
      ['System', `${os}, Linux ${kernel}`.replace(/, Linux (?=$|[^\d])/, ', ')],
      ['Node', node],
      ['In a container', container ? 'yes' : 'no'],
      ['Frequency governor', governor ?? 'not known'],
      ['Transparent huge pages', transparentHugePages ?? 'not known'],
      ['Profile', profile],
      ['Seed', seed],
    ])}
  </div>`
}

function server(target: Target): Markup {
  const config = Object.entries(target.config)
  return html`<div class="card">
    <h3>${targetText(target)}</h3>
    ${facts([
      ['Engine', `${target.engine} ${target.version}`],
      ['Address', target.address],
      ['Topology', target.topology],
      ['Transport', target.transport],
      ['Started by redline', target.ours ? 'yes, for this run' : 'no'],
      target.prefix !== '' && ['Prefix of its keys', name(target.prefix)],
    ])}${
      config.length > 0 &&
      folded(
        'Configuration that matters',
        table(
          'Configuration',
          [
            { title: 'Parameter', kind: 'row', cell: ([key]) => name(key) },
            { title: 'Value', cell: ([, value]) => name(value) },
          ],
          config,
        ),
      )
    }
  </div>`
}
