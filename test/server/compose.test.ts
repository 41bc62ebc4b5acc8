import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { imageOf, TESTED_ENGINES } from '#redline/server/engine.js'

interface Service {
  image: string
  command: string
  ports: string[]
  tmpfs: string
}

const file: { services: Record<string, Service> } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true })
const services = Object.entries(file.services)

test('every engine is a service, of the image that redline starts for it', () => {
  expect(services.map(([name, { image }]) => [name, image])).toEqual(
    TESTED_ENGINES.map((engine) => [`${engine.name}-${engine.generation}`, imageOf(engine)]),
  )
})

test('each has a port of its own, which only this machine reaches', () => {
  const ports = services.map(([, { ports }]) => ports.map((port) => /^127\.0\.0\.1:(\d{4}):6379$/.exec(port)?.[1]))
  expect(ports.flat()).not.toContain(undefined)
  expect(new Set(ports.flat()).size).toBe(services.length)
})

test('none keeps anything on disk', () => {
  for (const [name, { command, tmpfs }] of services) {
    expect(command).toBe(`${name.split('-')[0]}-server --save '' --appendonly no`)
    expect(tmpfs).toBe('/data')
  }
})
