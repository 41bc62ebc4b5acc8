import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import KeyvRedis from '@keyv/redis'
import { Queue, Worker } from 'bullmq'
import { RedisStore } from 'connect-redis'
import session from 'express-session'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { createClient } from 'redis'
import Redlock from 'redlock'

/*
 * A keyspace as applications leave it behind: their libraries write the keys, under names and with lifetimes that are the
 * libraries' own. What is wrong with it is what goes wrong in practice: one option forgotten here and there.
 */

const JOBS = 300
const VISITORS = 120
const ENTRIES = 12_000

/**
 * Runs six applications against one server, all at once, and returns when they are done.
 *
 * @param {{ host: string, port: number }} server
 */
export async function runApplications(server) {
  await Promise.all([
    sendMail(server),
    serveWebsite(server),
    limitRates(server),
    cacheResponses(server),
    bookInvoices(server),
    shipOrders(server),
  ])
}

/** BullMQ: jobs, of which some fail and are tried again, delayed ones, and two that repeat. */
async function sendMail({ host, port }) {
  const connection = { host, port, maxRetriesPerRequest: null }
  const queue = new Queue('mail', { connection })
  await queue.upsertJobScheduler('digest', { every: 3_600_000 }, { name: 'digest', data: { to: 'everyone' } })
  await queue.upsertJobScheduler('report', { pattern: '0 7 * * 1' }, { name: 'report', data: {} })
  await queue.addBulk(
    Array.from({ length: JOBS }, (_, i) => ({
      name: 'welcome',
      data: { to: `user${i}@example.com`, subject: 'Welcome', body: 'x'.repeat(200) },
      opts: { attempts: 3, backoff: { type: 'fixed', delay: 10 }, ...(i % 10 === 0 ? { delay: 3_600_000 } : {}) },
    })),
  )
  let done = 0
  const most = JOBS * 0.6
  const enough = new EventEmitter()
  const finished = once(enough, 'done')
  const worker = new Worker(
    'mail',
    (job) => {
      if (++done >= most) enough.emit('done')
      if (job.id !== undefined && Number(job.id) % 7 === 0) return Promise.reject(new Error('the mail server said no'))
      return Promise.resolve('sent')
    },
    { connection, concurrency: 10 },
  )
  await finished
  await worker.close()
  await queue.close()
}

/** express-session with connect-redis, once with its defaults and once by somebody who turned the TTL off. */
async function serveWebsite({ host, port }) {
  const client = createClient({ socket: { host, port } })
  await client.connect()
  for (const store of [new RedisStore({ client }), new RedisStore({ client, prefix: 'admin-sess:', disableTTL: true })]) {
    const remember = session({ store, secret: 'a secret of the test', resave: false, saveUninitialized: true })
    const website = createServer((request, response) => {
      // What express would have made of it.
      Object.assign(request, { originalUrl: request.url })
      remember(request, response, () => response.end('hello'))
    })
    await new Promise((resolve) => website.listen(0, '127.0.0.1', resolve))
    const { port: at } = website.address()
    for (let visitor = 0; visitor < VISITORS; visitor++) await (await fetch(`http://127.0.0.1:${at}/`)).text()
    await new Promise((resolve) => website.close(resolve))
  }
  await client.close()
}

/** rate-limiter-flexible: a limit for each address, and one for each login. */
async function limitRates({ host, port }) {
  const storeClient = new Redis({ host, port })
  const byAddress = new RateLimiterRedis({ storeClient, points: 10, duration: 600 })
  const byLogin = new RateLimiterRedis({ storeClient, keyPrefix: 'login', points: 3, duration: 3600 })
  for (let i = 0; i < VISITORS; i++) {
    await byAddress.consume(`203.0.113.${i}`)
    await byLogin.consume(`user${i}@example.com`)
  }
  storeClient.disconnect()
}

/** Keyv: cached responses, one kind of which was written without a lifetime. */
async function cacheResponses({ host, port }) {
  const cache = new Keyv(new KeyvRedis(`redis://${host}:${port}`), { namespace: 'cache', useKeyPrefix: false })
  for (let i = 0; i < VISITORS * 2; i++) {
    await cache.set(`product:${1000 + i}`, { name: `Product ${i}`, price: i, text: 'x'.repeat(300) }, i % 3 === 0 ? undefined : 600_000)
  }
  await cache.disconnect()
}

/** redlock: locks that are held and released, and a flag set beside them by hand that nobody ever removes. */
async function bookInvoices({ host, port }) {
  const client = new Redis({ host, port })
  const redlock = new Redlock([client])
  for (let invoice = 0; invoice < 40; invoice++) {
    const lock = await redlock.lock(`locks:invoice:${invoice}`, 600_000)
    if (invoice % 2 === 0) await lock.unlock()
    await client.setnx(`lock:booking:${invoice}`, 'worker-1')
  }
  client.disconnect()
}

/** A stream without trimming, whose consumer reads and never acknowledges. */
async function shipOrders({ host, port }) {
  const client = new Redis({ host, port })
  await client.xgroup('CREATE', 'orders:events', 'shipping', '0', 'MKSTREAM')
  for (let sent = 0; sent < ENTRIES; sent += 1000) {
    const batch = client.pipeline()
    for (let i = 0; i < 1000; i++) batch.xadd('orders:events', '*', 'order', String(sent + i), 'state', 'paid')
    await batch.exec()
    await client.xreadgroup('GROUP', 'shipping', 'worker-1', 'COUNT', 1000, 'STREAMS', 'orders:events', '>')
  }
  client.disconnect()
}
