import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** A page as it opens from disk, and whatever went wrong or went out meanwhile. */
export interface OpenPage {
  page: Page
  /** Errors and warnings on the console, violations of the policy among them, and requests to anywhere else than the file. */
  complaints: string[]
}

/** Chromium with a profile of its own, from its start to its end. */
export class Browser {
  readonly #context: BrowserContext
  readonly #folder: string

  private constructor(context: BrowserContext, folder: string) {
    this.#context = context
    this.#folder = folder
  }

  static async start(executablePath: string): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), 'redline-chromium-'))
    const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((name) => `--disable-${name}`)
    const args = ['--no-sandbox', '--no-first-run', ...quiet]
    return new Browser(await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath, headless: true, args }), folder)
  }

  /** Opens the text as a file, in a window of so many pixels. */
  async open(html: string, { width, scheme = 'light' }: { width: number; scheme?: 'light' | 'dark' }): Promise<OpenPage> {
    const path = join(this.#folder, `page-${Math.random().toString(36).slice(2)}.html`)
    await writeFile(path, html)
    const page = await this.#context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(path).href) complaints.push(`request: ${request.url()}`)
    })
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme: scheme })
    await page.goto(pathToFileURL(path).href)
    return { page, complaints }
  }

  async stop(): Promise<void> {
    await this.#context.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
