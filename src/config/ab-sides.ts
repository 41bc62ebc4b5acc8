import { InputError } from '../core/errors.js'
import { didYouMean, quote } from '../core/text.js'
import type { ScenarioFile, ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import { resolveScenario } from './resolve.js'

/** One side of a comparison, as the command line names it. */
export interface AbSideSpec {
  /** What was written of it but its address, which may hold a password; empty when there is nothing. */
  words: string
  /** The server: an address, or an engine that redline gets; undefined for any engine. */
  url: string | undefined
  engine: string | undefined
  /** The only variant of the scenario that this side measures. */
  variant: string | undefined
  /** What it changes of the scenario, as `--set` takes it. */
  set: string[]
}

/** Fields of a scenario that a side may set, by the first word of their path. */
const SETTABLE = ['load', 'loads', 'network', 'params', 'vars', 'workload']
const WORDS = ['engine', 'url', 'variant', 'driver', 'server', ...SETTABLE]
const HINT = `write for example --b engine=valkey@9.1, --b redis://other:6379, --b server.io-threads=4, --b driver=ioredis, --b variant=one-field or --b load.pipeline=16`

/** Reads what `--a` or `--b` say: all words of one side. Throws InputError. */
export function readAbSide(option: string, words: readonly string[]): AbSideSpec {
  const spec: AbSideSpec = {
    words: words.filter((word) => !isAddress(word)).join(' '),
    url: undefined,
    engine: undefined,
    variant: undefined,
    set: [],
  }
  const once = (field: 'url' | 'engine' | 'variant', value: string) => {
    if (spec[field] !== undefined) throw new InputError(`${option} names two ${field === 'url' ? 'addresses' : `${field}s`}`)
    spec[field] = value
  }
  for (const word of words) {
    const [, key = '', value = ''] = /^([^=:]+)=(.+)$/s.exec(word) ?? []
    if (isAddress(word)) once('url', word.replace(/^url=/, ''))
    else if (key === 'engine' || key === 'variant') once(key, value)
    else if (key === 'driver') spec.set.push(`load.driver=${value}`)
    else if (key.startsWith('server.')) spec.set.push(`server.config.${key.replace(/^server\.(config\.)?/, '')}=${value}`)
    else if (SETTABLE.includes(key.split('.')[0]!)) spec.set.push(word)
    else throw new InputError(`${option} ${quote(withoutPassword(word))} names nothing to compare${didYouMean(key, WORDS)}`, { hint: HINT })
  }
  if (spec.url !== undefined && spec.engine !== undefined) throw new InputError(`${option} names an address and an engine: one of them`)
  return spec
}

const isAddress = (word: string) => /^url=.|^[a-z]+:\/\//.test(word)

/** An address that was mistyped may hold a password all the same. */
const withoutPassword = (word: string) => word.replace(/:[^:]*@/, ':***@')

/** What applies to both sides alike. */
export interface AbCommon {
  profile: 'full' | 'quick'
  set: readonly string[] | undefined
  threads: number | undefined
  /** Variants of the scenario that are compared; all by default. */
  variants: readonly string[] | undefined
}

/**
 * The plans of both sides: variants with the same index are compared, under one name. Throws InputError for what neither the scenario nor the sides have, and where the two
 * sides do not fit together.
 */
export function planAb(file: ScenarioFile, sides: readonly [AbSideSpec, AbSideSpec], common: AbCommon): [ScenarioPlan, ScenarioPlan] {
  const planOf = ({ set }: AbSideSpec): ScenarioPlan =>
    resolveScenario(file, { set: [...(common.set ?? []), ...set], threads: common.threads, profile: common.profile })
  const [a, b] = sides
  const [first, second] = [planOf(a), planOf(b)]
  if (a.variant === undefined && b.variant === undefined) {
    const chosen = (plan: ScenarioPlan): ScenarioPlan => ({ ...plan, variants: selected(plan.variants, common.variants, '--variant') })
    return [chosen(first), chosen(second)]
  }
  if (a.variant === undefined || b.variant === undefined)
    throw new InputError(`only ${a.variant === undefined ? '--b' : '--a'} names a variant`, {
      hint: 'name one on either side: --a variant=... --b variant=...',
    })
  if (common.variants) throw new InputError('--variant and a variant of each side exclude each other')
  const left = selected(first.variants, [a.variant], '--a variant')
  const right = selected(second.variants, [b.variant], '--b variant')
  if (left.length !== right.length)
    throw new InputError(`${quote(a.variant)} is ${left.length} variants and ${quote(b.variant)} is ${right.length}`, {
      hint: 'name one point of the matrix on either side, as redline explain shows it',
    })
  const name = a.variant === b.variant ? a.variant : `${a.variant} or ${b.variant}`
  const renamed = (variants: readonly VariantPlan[]) =>
    variants.map((variant, index) => ({ ...variant, id: left.length === 1 ? name : `${name}${pointOf(left[index]!)}`, variant: name }))
  return [
    { ...first, variants: renamed(left) },
    { ...second, variants: renamed(right) },
  ]
}

/** Variants by name, with all points of the matrix or with one of them. */
function selected(variants: readonly VariantPlan[], names: readonly string[] | undefined, option: string): VariantPlan[] {
  if (names === undefined) return [...variants]
  for (const name of names) {
    if (variants.some(({ id, variant }) => id === name || variant === name)) continue
    const known = [...new Set(variants.flatMap(({ id, variant }) => [variant, id]))]
    throw new InputError(`${option}: there is no variant ${quote(name)}${didYouMean(name, known)}`, {
      hint: `there are ${known.join(', ')}`,
    })
  }
  return variants.filter(({ id, variant }) => names.includes(id) || names.includes(variant))
}

const pointOf = ({ id, variant }: VariantPlan) => id.slice(variant.length)
