import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InputError, parseAuditResult, renderAuditHtml } from '#redline/index.js'
import { redline } from '../support/cli.js'

/* The page beside each result; of an audit of files, which needs no server. */

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redline-page-'))
  await writeFile(join(folder, 'redis.conf'), 'protected-mode no\nbind 0.0.0.0\n')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const audit = (...args: string[]) => ['audit', 'redis.conf', '--engine', 'redis@7.0', ...args]

describe('the page of a result', () => {
  test('is saved beside it, the same that is made of the saved result later', async () => {
    const { stdout } = await redline(audit(), { cwd: folder })
    const [, result, page] = /^saved {3}(\S+result\.json), (\S+report\.html)$/m.exec(stdout) ?? []
    const saved = parseAuditResult(await readFile(join(folder, result!), 'utf8'), result!)
    expect(await readFile(join(folder, page!), 'utf8')).toBe(await renderAuditHtml(saved))
  })

  test('is opened when asked to, and only then', async () => {
    const opened: string[] = []
    const open = (path: string) => Promise.resolve(void opened.push(path))
    await redline(audit(), { cwd: folder, open })
    expect(opened).toEqual([])
    const { stdout } = await redline(audit('--open'), { cwd: folder, open })
    expect(opened).toEqual([join(folder, /(\S+report\.html)$/m.exec(stdout)![1]!)])
  })

  test('of a saved result is opened by its report', async () => {
    const opened: string[] = []
    const open = (path: string) => Promise.resolve(void opened.push(path))
    await redline(audit(), { cwd: folder })
    const { code, stdout } = await redline(['report', 'reports/latest', '--open'], { cwd: folder, open })
    expect([code, stdout]).toEqual([0, ''])
    expect(opened).toEqual([join(folder, 'reports/latest/report.html')])
  })

  test('goes to a file of its own as a format', async () => {
    await redline(audit('--format', 'html=here/page.html'), { cwd: folder })
    const saved = await readFile(join(folder, 'reports/latest/report.html'), 'utf8')
    expect(await readFile(join(folder, 'here/page.html'), 'utf8')).toBe(saved)
  })

  test('that can not be opened changes nothing but a line on stderr', async () => {
    const plain = await redline(audit(), { cwd: folder })
    const open = () => Promise.reject(new InputError('xdg-open can not open it'))
    const { code, stderr } = await redline(audit('--open'), { cwd: folder, open })
    expect(code).toBe(plain.code)
    expect(stderr).toContain('report.html: xdg-open can not open it')
  })
})
