import { expect, it } from 'vitest'
import { GuestStopped, limitReached } from '../../../../src/chassis/guest/guest-stopped.ts'
import { Meter } from '../../../../src/chassis/guest/meter.ts'

const SLICE = 100_000

/** Metered code as the meter sees it: a counter that is charged, and a tick when it is below zero. */
function metered(meter: Meter) {
  const counter = new WebAssembly.Global({ value: 'i64', mutable: true }, 0n)
  meter.attach(counter)
  return {
    run(units: number) {
      counter.value = (counter.value as bigint) - BigInt(units)
      if ((counter.value as bigint) < 0n) meter.tick()
    },
    left: () => Number(counter.value),
  }
}

const stoppedBy = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    if (error instanceof GuestStopped) return error.failure
    throw error
  }
  return undefined
}

it('counts what was used exactly, over many slices', () => {
  const meter = new Meter()
  const code = metered(meter)

  meter.begin({ id: 1, fuel: 1e9, wallMs: 1e6 })
  for (let turn = 0; turn < 1_000; turn += 1) code.run(777)

  expect(meter.used).toBe(777_000)
})

it('stops at the limit and not before, and stays stopped', () => {
  const meter = new Meter()
  const code = metered(meter)

  meter.begin({ id: 1, fuel: 2_500, wallMs: 1e6 })
  code.run(2_500)

  expect(stoppedBy(() => code.run(1))).toEqual(limitReached('fuel', 'used all of its 2500 units of fuel'))
  expect(meter.used).toBe(2_500)
  expect(stoppedBy(() => meter.tick())).toMatchObject({ limit: 'fuel' })
})

it('lets one charge be larger than a slice where there is fuel for it', () => {
  const meter = new Meter()
  const code = metered(meter)

  meter.begin({ id: 1, fuel: 100 * SLICE, wallMs: 1e6 })
  code.run(60 * SLICE)

  expect(meter.used).toBe(60 * SLICE)
  expect(stoppedBy(() => code.run(60 * SLICE))).toMatchObject({ limit: 'fuel' })
})

it('counts what ran before the counter was there', () => {
  const meter = new Meter()

  meter.begin({ id: 1, fuel: 1e6, wallMs: 1e6 })
  const code = metered(meter)
  code.run(10)

  expect(meter.used).toBe(10)
})

it('stops where the time is over, and not while it waits', () => {
  const meter = new Meter()
  const code = metered(meter)

  meter.begin({ id: 1, fuel: 1e9, wallMs: -1 })
  meter.restart(1e6)
  code.run(2 * SLICE)
  meter.restart(-1)

  expect(stoppedBy(() => code.run(2 * SLICE))).toMatchObject({ limit: 'time' })
})

it('stops the call that the pool names, and no other', () => {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const meter = new Meter(stop)
  const code = metered(meter)

  stop[0] = 8
  meter.begin({ id: 7, fuel: 1e9, wallMs: 1e6 })
  code.run(2 * SLICE)
  stop[0] = 7

  expect(stoppedBy(() => code.run(2 * SLICE))).toEqual(limitReached('time', 'was stopped from outside'))
})

it('does not cut the work of a host function, and looks right after it', () => {
  const meter = new Meter()
  const code = metered(meter)
  meter.begin({ id: 1, fuel: 1_000, wallMs: 1e6 })

  meter.asHost(() => {
    meter.end(limitReached('host-calls', 'too many'))
    code.run(5 * SLICE)
  })

  expect(stoppedBy(() => code.run(1))).toEqual(limitReached('host-calls', 'too many'))
})

it('holds the limit against code that spends its fuel in host functions alone', () => {
  const meter = new Meter()
  const code = metered(meter)
  meter.begin({ id: 1, fuel: 10 * SLICE, wallMs: 1e6 })

  const turns = () => {
    for (let turn = 0; turn < 100; turn += 1) {
      meter.asHost(() => {
        meter.charge(SLICE)
        code.run(1)
      })
      code.run(1)
    }
  }

  expect(stoppedBy(turns)).toMatchObject({ limit: 'fuel' })
})

it('charges for the work of the host', () => {
  const meter = new Meter()
  metered(meter)
  meter.begin({ id: 1, fuel: 1e6, wallMs: 1e6 })

  meter.charge(500.2)

  expect(meter.used).toBe(501)
})

it('grants everything while an instance is made', () => {
  const meter = new Meter()
  const code = metered(meter)

  for (let turn = 0; turn < 100; turn += 1) code.run(SLICE)

  expect(meter.failure()).toBeUndefined()
})
