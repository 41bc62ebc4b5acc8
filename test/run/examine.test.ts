import { expect, test } from 'vitest'
import { examineMachine, machineShares } from '#redline/run/examine.js'
import { machineReadingSchema } from '#redline/schema/doctor.js'

test('this machine has a clock that goes, and every share of its time is one', async () => {
  const reading = machineReadingSchema.parse(await examineMachine(200, new AbortController().signal))
  expect(reading.timerStepNs).toBeGreaterThan(0)
  expect(reading.timerStepNs).toBeLessThan(2e6)
  expect(reading.timerCostNs).toBeGreaterThan(1)
  expect(reading.seconds).toBeGreaterThan(1.2)
  for (const share of [reading.hiccupShare, reading.waitedShare, reading.stealShare, reading.othersShare]) {
    expect(share ?? 0).toBeGreaterThanOrEqual(0)
    expect(share ?? 0).toBeLessThanOrEqual(1)
  }
})

test('a thread that is kept from its work is seen', async () => {
  // What blocks the loop between two slices does not count as a hiccup; what stops the process does.
  const { pid } = process
  const { spawn } = await import('node:child_process')
  const stopper = spawn('/bin/sh', ['-c', `sleep 1.3; kill -STOP ${pid}; sleep 0.12; kill -CONT ${pid}`])
  const reading = await examineMachine(800, new AbortController().signal)
  stopper.kill()
  expect(reading.hiccupMaxMs).toBeGreaterThan(80)
})

test('it ends when it is asked to', async () => {
  await expect(examineMachine(60_000, AbortSignal.timeout(100))).rejects.toThrow(/aborted/)
})

test('shares of the machine are of all cores together, its own work not among that of others', () => {
  const before = { total: 1000, idle: 500, steal: 10 }
  expect(machineShares(before, { total: 1400, idle: 640, steal: 30 }, 1.4)).toEqual({
    stealShare: 0.05,
    othersShare: (400 - 140 - 20 - 140) / 400,
  })
  expect(machineShares(before, { total: 1400, idle: 760, steal: 10 }, 1.5)).toEqual({ stealShare: 0, othersShare: 0 })
  expect(machineShares(undefined, undefined, 1)).toEqual({ stealShare: null, othersShare: null })
  expect(machineShares(before, before, 1)).toEqual({ stealShare: null, othersShare: null })
})
