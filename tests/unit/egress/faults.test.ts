import { describe, expect, it } from 'vitest'
import { faultOf } from '../../../src/egress/faults.ts'

const coded = (code: string) =>
  Object.assign(new Error('raw text with hunter2hunter2'), { code, data: 'hunter2hunter2' })

describe('a transport fault', () => {
  it.each([
    ['ENOTFOUND', 'IF_ERR_PROVIDER_UNAVAILABLE', false],
    ['EAI_AGAIN', 'IF_ERR_PROVIDER_UNAVAILABLE', true],
    ['ECONNREFUSED', 'IF_ERR_PROVIDER_UNAVAILABLE', true],
    ['UND_ERR_CONNECT_TIMEOUT', 'IF_ERR_PROVIDER_UNAVAILABLE', true],
    ['ECONNRESET', 'IF_ERR_PROVIDER_UNAVAILABLE', true],
    ['EHOSTUNREACH', 'IF_ERR_PROVIDER_UNAVAILABLE', true],
    ['CERT_HAS_EXPIRED', 'IF_ERR_PROVIDER_UNAVAILABLE', false],
    ['HPE_INVALID_CONSTANT', 'IF_ERR_BAD_RESPONSE', false],
    ['UND_ERR_HEADERS_OVERFLOW', 'IF_ERR_BAD_RESPONSE', false],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'IF_ERR_BAD_RESPONSE', true],
    ['UND_ERR_INVALID_ARG', 'IF_ERR_INVALID_INPUT', false],
  ])('%s is %s', (code, expected, transient) => {
    const fault = faultOf(coded(code), 'api.example')

    expect(fault).toMatchObject({ transient, error: { code: expected } })
    expect(fault.error.message).toMatch(/^api\.example/)
  })

  it('keeps nothing of the original text', () => {
    const { error } = faultOf(coded('HPE_INVALID_CONSTANT'), 'api.example')

    expect(JSON.stringify(error) + String(error.cause) + JSON.stringify(error.cause)).not.toContain('hunter2')
  })

  it('of several connection attempts is that of the last', () => {
    const thrown = new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')])

    expect(faultOf(thrown, 'api.example').error.message).toContain('ECONNREFUSED')
  })

  it('without a code still names the host', () => {
    expect(faultOf('odd', 'api.example').error).toMatchObject({ message: expect.stringContaining('api.example') })
  })
})
