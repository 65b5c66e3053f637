import { describe, expect, it } from 'vitest'
import {
  faultOfStatus,
  graphql,
  graphqlData,
  graphqlFault,
  jsonRpc,
  jsonRpcFault,
  jsonRpcResult,
  twirp,
  twirpFault,
} from '../../../src/adapter/index.ts'

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, body: Buffer.from(text), text }
}

describe('the fault of a status', () => {
  it.each([
    [400, 'IF_ERR_ACTION_FAILED'],
    [401, 'IF_ERR_AUTH_FAILED'],
    [402, 'IF_ERR_ACTION_FAILED'],
    [403, 'IF_ERR_AUTH_FAILED'],
    [404, 'IF_ERR_NOT_FOUND'],
    [409, 'IF_ERR_CONFLICT'],
    [410, 'IF_ERR_NOT_FOUND'],
    [412, 'IF_ERR_CONFLICT'],
    [418, 'IF_ERR_ACTION_FAILED'],
    [422, 'IF_ERR_ACTION_FAILED'],
    [423, 'IF_ERR_CONFLICT'],
    [429, 'IF_ERR_RATE_LIMIT_EXCEEDED'],
    [500, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [501, 'IF_ERR_UNSUPPORTED'],
    [503, 'IF_ERR_PROVIDER_UNAVAILABLE'],
    [529, 'IF_ERR_PROVIDER_UNAVAILABLE'],
  ])('%i is %s', (status, code) => {
    expect(faultOfStatus(answer(status))?.code).toBe(code)
  })

  it('is none for a success, unless the vendor names a code in it', () => {
    expect(faultOfStatus(answer(200))).toBeUndefined()
    expect(faultOfStatus(answer(302))).toBeUndefined()
    expect(faultOfStatus(answer(200), { vendorCode: 'E1', message: 'No.' })).toEqual({
      code: 'IF_ERR_ACTION_FAILED',
      message: 'No.',
      vendorCode: 'E1',
    })
  })

  it('leaves the outcome open only where the request may have arrived', () => {
    expect(faultOfStatus(answer(408))).toMatchObject({ outcome: 'unknown' })
    expect(faultOfStatus(answer(425))).toMatchObject({ outcome: 'not-done' })
    expect(faultOfStatus(answer(501))).toMatchObject({ outcome: 'not-done' })
    expect(faultOfStatus(answer(500))).not.toHaveProperty('outcome')
  })

  it("is overruled by the meaning of the vendor's own code, which keeps its hint", () => {
    const meanings = { busy: { code: 'IF_ERR_PROVIDER_UNAVAILABLE', hint: 'Later.', outcome: 'not-done' } } as const

    expect(faultOfStatus(answer(400, {}, { 'retry-after': '7' }), { vendorCode: 'busy', meanings })).toEqual({
      code: 'IF_ERR_PROVIDER_UNAVAILABLE',
      hint: 'Later.',
      outcome: 'not-done',
      message: 'Bad Request',
      vendorCode: 'busy',
      retryAfterMs: 7000,
    })
    expect(faultOfStatus(answer(404), { vendorCode: 'toString', meanings })?.code).toBe('IF_ERR_NOT_FOUND')
  })

  it('shortens long words and gives a name where there are none', () => {
    expect(faultOfStatus(answer(500), { message: 'x'.repeat(900) })?.message).toHaveLength(500)
    expect(faultOfStatus(answer(500), { message: '  ' })?.message).toBe('Internal Server Error')
    expect(faultOfStatus(answer(599))?.message).toBe('status 599')
  })
})

describe('GraphQL', () => {
  it('sends the document and its variables', () => {
    const spec = graphql('/graphql', {
      document: 'query A($id: ID!) { a(id: $id) }',
      variables: { id: '1', none: undefined },
    })

    expect(spec).toMatchObject({
      method: 'POST',
      template: '/graphql',
      body: { encoding: 'json', value: { query: 'query A($id: ID!) { a(id: $id) }', variables: { id: '1' } } },
    })
    expect(graphql('/g', { document: 'q', operationName: 'A' }).body).toMatchObject({ value: { operationName: 'A' } })
  })

  it('finds the error inside a 200, with its code wherever the vendor has it', () => {
    const errors = [{ message: 'Gone.', extensions: { code: 'NOT_FOUND', errorClass: 'MISSING' } }, { message: 'x' }]
    const meanings = { NOT_FOUND: { code: 'IF_ERR_NOT_FOUND' } } as const

    expect(graphqlFault(answer(200, { errors }), { meanings })).toEqual({
      code: 'IF_ERR_NOT_FOUND',
      message: 'Gone.',
      vendorCode: 'NOT_FOUND',
    })
    expect(graphqlFault(answer(200, { errors }), { codeAt: ['extensions', 'errorClass'] })?.vendorCode).toBe('MISSING')
    expect(graphqlFault(answer(200, { errors: ['broken'] }))).toMatchObject({ vendorCode: 'GRAPHQL_ERROR' })
  })

  it('leaves the outcome open where data came beside the error', () => {
    const errors = [{ message: 'One field failed.' }]

    expect(graphqlFault(answer(200, { errors, data: { a: { id: 1 }, b: null } }))?.outcome).toBe('unknown')
    expect(graphqlFault(answer(200, { errors, data: { a: null } }))).not.toHaveProperty('outcome')
  })

  it('finds no fault in data, and that of the status where there is neither', () => {
    expect(graphqlFault(answer(200, { data: { a: 1 } }))).toBeUndefined()
    expect(graphqlFault(answer(200, { data: { a: 1 }, errors: [] }))).toBeUndefined()
    expect(graphqlFault(answer(502, '<html>'))?.code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
  })

  it('gives the data, and refuses an answer without', () => {
    expect(graphqlData({ data: { a: 1 } })).toEqual({ a: 1 })
    for (const body of [{}, { data: null }, { data: [] }, null, 'x', []])
      expect(() => graphqlData(body)).toThrow(/has no data/)
  })
})

describe('JSON-RPC', () => {
  it('names the method in the body of one path', () => {
    expect(jsonRpc('/rpc', { method: 'a.b', params: { x: 1 } }).body).toEqual({
      encoding: 'json',
      value: { jsonrpc: '2.0', id: 1, method: 'a.b', params: { x: 1 } },
    })
    expect(jsonRpc('/rpc', { method: 'a' }).body).toEqual({
      encoding: 'json',
      value: { jsonrpc: '2.0', id: 1, method: 'a' },
    })
  })

  it.each([
    [
      { code: -32601, message: 'No such method' },
      { code: 'IF_ERR_UNSUPPORTED', vendorCode: '-32601' },
    ],
    [
      { code: -32603, message: 'Broken' },
      { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown', retryable: false },
    ],
    [
      { code: -32602, message: 'Params' },
      { code: 'IF_ERR_ACTION_FAILED', message: 'Params' },
    ],
    [
      { code: 7, message: 'Own' },
      { code: 'IF_ERR_NOT_FOUND', vendorCode: '7' },
    ],
    ['plain', { code: 'IF_ERR_ACTION_FAILED', message: 'plain', vendorCode: 'JSON_RPC_ERROR' }],
  ])('reads the error %j', (error, fault) => {
    expect(jsonRpcFault(answer(200, { error }), { 7: { code: 'IF_ERR_NOT_FOUND' } })).toMatchObject(fault)
  })

  it('finds no fault where there is none', () => {
    expect(jsonRpcFault(answer(200, { result: 1, error: null }))).toBeUndefined()
    expect(jsonRpcFault(answer(503))?.code).toBe('IF_ERR_PROVIDER_UNAVAILABLE')
  })

  it('gives the result of its own call and of no other', () => {
    expect(jsonRpcResult({ jsonrpc: '2.0', id: 1, result: null })).toBeNull()
    expect(jsonRpcResult({ id: '1', result: [1] })).toEqual([1])
    expect(() => jsonRpcResult({ id: 2, result: 1 })).toThrow(/answers the call 2 instead of 1/)
    expect(() => jsonRpcResult({ id: 1 })).toThrow(/has no result/)
    expect(() => jsonRpcResult([])).toThrow(/has no result/)
  })
})

describe('Twirp', () => {
  it('posts JSON to the service and its method', () => {
    expect(twirp('livekit.SIP', 'CreateSIPTrunk', { json: { name: 'a' } })).toMatchObject({
      method: 'POST',
      template: '/twirp/livekit.SIP/CreateSIPTrunk',
      body: { encoding: 'json', value: { name: 'a' } },
    })
    expect(twirp('a.B', 'C').body).toEqual({ encoding: 'json', value: {} })
  })

  it.each([
    [400, 'invalid_argument', { code: 'IF_ERR_ACTION_FAILED', outcome: 'not-done' }],
    [404, 'not_found', { code: 'IF_ERR_NOT_FOUND' }],
    [404, 'bad_route', { code: 'IF_ERR_UNSUPPORTED' }],
    [408, 'deadline_exceeded', { code: 'IF_ERR_TIMEOUT', outcome: 'unknown' }],
    [409, 'already_exists', { code: 'IF_ERR_CONFLICT', retryable: false }],
    [401, 'unauthenticated', { code: 'IF_ERR_AUTH_FAILED' }],
    [429, 'resource_exhausted', { code: 'IF_ERR_RATE_LIMIT_EXCEEDED' }],
    [503, 'unavailable', { code: 'IF_ERR_PROVIDER_UNAVAILABLE', outcome: 'unknown' }],
  ])('reads %i %s', (status, code, fault) => {
    expect(twirpFault(answer(status, { code, msg: 'Words.' }))).toMatchObject({
      ...fault,
      message: 'Words.',
      vendorCode: code,
    })
  })

  it('goes by the status where a proxy answers, and takes a 200 for a success whatever it holds', () => {
    expect(twirpFault(answer(502, '<html>'))).toMatchObject({ code: 'IF_ERR_PROVIDER_UNAVAILABLE' })
    expect(twirpFault(answer(200, { code: 'busy' }))).toBeUndefined()
  })
})
