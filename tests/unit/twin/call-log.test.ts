import { describe, expect, it } from 'vitest'
import { Redactor } from '../../../src/foundation/index.ts'
import { CallLog } from '../../../src/twin/call-log.ts'

describe('CallLog', () => {
  it('counts all calls and keeps the latest thousand', () => {
    const log = new CallLog(new Redactor())
    for (let at = 1; at <= 2_500; at += 1) {
      log.add({ at, operation: 'order.get', method: 'GET', target: '/', body: {}, status: 200 })
    }

    expect(log.count).toBe(2_500)
    expect(log.log).toHaveLength(1_000)
    expect([log.log[0]?.at, log.log[999]?.at]).toEqual([1_501, 2_500])
  })
})
