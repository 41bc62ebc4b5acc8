import { parentPort } from 'node:worker_threads'
import { loadRules } from '../audit/rules/registry.js'
import { messageOf } from '../core/errors.js'
import { findFormat } from '../report/formats.js'
import type { Saved } from '../schema/saved-kinds.js'
import { renderPage } from './outputs.js'
import type { MadePage } from './page-maker.js'

/* The thread of a PageMaker: loads what pages of audits are made with, and makes those that it is asked for. */

parentPort?.on('message', (saved: Saved) => void made(saved).then((page) => parentPort?.postMessage(page)))
await Promise.all([findFormat('html'), import('../report/html/audit.js'), loadRules()])

async function made(saved: Saved): Promise<MadePage> {
  try {
    return { page: await renderPage(saved) }
  } catch (error) {
    return { failure: messageOf(error) }
  }
}
