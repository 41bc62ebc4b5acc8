import { connect } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../core/errors.js'
import { Unavailable } from './provider.js'

/** What marks the container of one run, so that it is found again by whoever has to remove it. */
export const RUN_LABEL = 'redline.run'

type Endpoint = { path: string } | { host: string; port: number }

/**
 * Finds out in a millisecond whether anything listens where Docker would: loading its client takes 300 of them. The
 * places are those that testcontainers tries. Throws Unavailable.
 */
export async function findDocker(env: NodeJS.ProcessEnv): Promise<void> {
  const failures: string[] = []
  for (const endpoint of dockerEndpoints(env)) {
    try {
      await tryConnect(endpoint)
      return
    } catch (error) {
      failures.push(messageOf(error))
    }
  }
  throw new Unavailable(`Docker does not answer (${failures[0] ?? 'DOCKER_HOST names no socket'})`)
}

function dockerEndpoints(env: NodeJS.ProcessEnv): Endpoint[] {
  const given = env['DOCKER_HOST']
  if (given) {
    const [, scheme, rest] = /^(unix|tcp|http|https):\/\/(.+)$/.exec(given) ?? []
    if (rest === undefined) return []
    if (scheme === 'unix') return [{ path: rest }]
    const { hostname, port } = new URL(`tcp://${rest}`)
    return [{ host: hostname, port: Number(port || 2375) }]
  }
  const home = env['HOME'] || homedir()
  const runtime = env['XDG_RUNTIME_DIR']
  const paths = ['/var/run/docker.sock', join(home, '.docker/run/docker.sock'), join(home, '.docker/desktop/docker.sock')]
  return [...paths, ...(runtime ? [join(runtime, 'docker.sock')] : [])].map((path) => ({ path }))
}

function tryConnect(endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint)
    const finish = (error?: Error) => {
      socket.destroy()
      if (error) reject(error)
      else resolve()
    }
    socket.setTimeout(2000, () => finish(new Error('no answer in 2 s')))
    socket.once('connect', () => finish())
    socket.once('error', finish)
  })
}

/** Removes the containers of one run and their volumes, whatever they are doing. */
export async function removeContainers(run: string): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  const { dockerode } = (await getContainerRuntimeClient()).container
  const found = await dockerode.listContainers({ all: true, filters: { label: [`${RUN_LABEL}=${run}`] } })
  await Promise.all(found.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }).catch(unlessGone)))
}

function unlessGone(error: unknown): void {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  // 404: removed by someone else; 409: being removed.
  if (status !== 404 && status !== 409) throw error
}
