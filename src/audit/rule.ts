import { z } from 'zod'
import type { ServerFacts } from '../redis/server-facts.js'
import type { Severity } from '../schema/audit.js'
import type { FactName, FactsByName } from './facts.js'

/** What a rule's check returns for each thing that is wrong. */
export interface FindingDraft {
  /** The pattern, parameter, user, command or other object it is about: what stays the same from audit to audit, and never one key of many. */
  about: string
  /** The evidence as a phrase that follows `about`: `38% of 500,000 keys never expire (31 MB)`. */
  message: string
  /** The numbers behind it, under names that say their unit: shares from 0 to 1, `bytes`, `seconds`. */
  evidence: Record<string, number | string | boolean>
  /** One or two sentences in the imperative. */
  remedy: string
  /** Lines to copy into a shell or redis-cli. */
  commands?: string[]
  /** Names of keys, at most five. */
  examples?: string[]
  /** Unless it is the rule's own. */
  severity?: Severity
  /** Tells findings about one thing apart; part of the fingerprint. */
  role?: string
  /** Where it stands when files are audited: a parameter of redis.conf or a user of the ACL file. */
  at?: { parameter: string } | { user: string }
}

export interface RuleSpec<Need extends FactName, Want extends FactName, Options extends z.ZodObject> {
  /** `ttl/missing`: its place under rules/, and what users call it. */
  id: string
  severity: Severity
  /** One line for `redline list rules`. */
  summary: string
  /** Facts without which it can't be assessed. */
  needs: readonly Need[]
  /** Facts that it uses where they are known. */
  wants?: readonly Want[]
  /**
   * `deployment` (the default): asked once, with the facts of the first server where they are a server's. `node`: asked for every
   * server; findings about the same thing on several are joined.
   */
  scope?: 'node' | 'deployment'
  /** Every number that it judges by, with its default. */
  options: Options
  /** Why it says nothing about such a server (`needs Valkey 8.1`); undefined when it does. Not asked for files. */
  inapplicable?: (server: ServerFacts) => string | undefined
  check(facts: Pick<FactsByName, Need> & Partial<Pick<FactsByName, Want>>, options: z.infer<Options>): FindingDraft[]
  /**
   * Asked when it found nothing: why that does not mean that there is nothing (no idle times under an LFU policy; no contract to hold
   * keys to); undefined when it does. A scan of the keyspace that ended early need not be named: the engine knows.
   */
  blind?(facts: Pick<FactsByName, Need> & Partial<Pick<FactsByName, Want>>, options: z.infer<Options>): Blindness | undefined
}

export interface Blindness {
  kind: 'not assessed' | 'not applicable'
  why: string
}

/** A rule as the engine sees it, whatever facts and options it is about. */
export interface Rule extends Omit<RuleSpec<FactName, FactName, z.ZodObject>, 'check' | 'blind'> {
  /** May be called only with every fact that it needs, and with options that its own schema has read; so may `blind`. */
  check(facts: Partial<FactsByName>, options: Record<string, unknown>): FindingDraft[]
  blind?(facts: Partial<FactsByName>, options: Record<string, unknown>): Blindness | undefined
}

/** Declares a rule; its file exports the result as `rule`. */
export function defineRule<const Need extends FactName, Options extends z.ZodObject, const Want extends FactName = never>(
  spec: RuleSpec<Need, Want, Options>,
): Rule {
  return spec
}
