import type { RuleHelp } from '../schema/rule-help.js'
import { type Documents, type Saved, SAVED_KINDS, type SavedKind } from '../schema/saved-kinds.js'
import type { Style } from './style.js'

/** What a format needs beside the document; the same for every document that is shown at one place. */
export interface RenderContext {
  /** For text that people read as it is. */
  style: Style
  /** By id; empty unless the format `usesRules`. */
  rules: ReadonlyMap<string, RuleHelp>
}

/** A text, or several by file name where a format holds one thing in a file. */
export type Rendered = string | ReadonlyMap<string, string>

/** How a document is shown: a pure function of it for each kind that the format can show. */
export interface Format {
  /** One line for `redline list formats`. */
  title: string
  renders: { [K in SavedKind]?: (document: Documents[K], context: RenderContext) => Rendered }
  /** It shows the pages of the rules that found something. */
  usesRules?: boolean
  /** It gives several files, and so needs a folder to write them to. */
  inFolder?: boolean
}

/** Kinds of documents that a format can show. */
export function kindsOf({ renders }: Format): SavedKind[] {
  return SAVED_KINDS.filter((kind) => renders[kind] !== undefined)
}

/** The document in the format; undefined when the format does not show documents of this kind. */
export function renderSaved<K extends SavedKind>(format: Format, saved: Saved<K>, context: RenderContext): Rendered | undefined {
  const { kind, document }: { kind: K; document: Documents[K] } = saved
  return format.renders[kind]?.(document, context)
}
