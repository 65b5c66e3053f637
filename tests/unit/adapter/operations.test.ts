import { describe, expect, it } from 'vitest'
import { exampleOf, inputJsonSchema, labelsOf, operationOf, operationsOf } from '../../../src/adapter/index.ts'
import { acme, load } from './fixtures/acme.ts'

const provider = load()

describe('finding an operation', () => {
  it('takes the standard name, the native name, and the bare native name', () => {
    expect(operationOf(provider, 'payment.create')).toMatchObject({
      id: 'payment.create',
      native: false,
      effect: 'charge',
    })
    expect(operationOf(provider, 'acme:item.find')).toMatchObject({ id: 'acme:item.find', native: true })
    expect(operationOf(provider, 'item.find')).toBe(operationOf(provider, 'acme:item.find'))
  })

  it('suggests the nearest names for an unknown one', () => {
    expect(() => operationOf(provider, 'payment.creat')).toThrow(/acme has no operation "payment\.creat"/)
    expect(captured(() => operationOf(provider, 'payment.creat'))).toMatchObject({
      code: 'IF_ERR_UNKNOWN_OPERATION',
      hint: expect.stringContaining('Did you mean `payment.create'),
      next: 'ifab provider show acme',
    })
    expect(captured(() => operationOf(provider, 'acme:itm.find'))).toMatchObject({
      hint: expect.stringContaining('Did you mean `item.find'),
    })
    expect(captured(() => operationOf(provider, 'toString'))).toMatchObject({ code: 'IF_ERR_UNKNOWN_OPERATION' })
  })

  it('lists standard operations first', () => {
    expect(operationsOf(provider).map(({ id }) => id)).toEqual([
      'payment.create',
      'payment.get',
      'payment.cancel',
      'channel.list',
      'device.get',
      'device.set',
      'state.watch',
      'acme:file.upload',
      'acme:item.find',
    ])
  })

  it('takes effect and labels from the manifest, and knows nothing that the manifest does not name', () => {
    const manifest = structuredClone(provider.manifest)
    const signed = manifest.operations['payment.create']
    if (signed) signed.effect = 'read'
    const without = structuredClone(provider.manifest)
    delete without.operations['payment.get']

    expect(operationOf({ ...provider, manifest }, 'payment.create').effect).toBe('read')
    expect(() => operationOf({ ...provider, manifest: without }, 'payment.get')).toThrow(/does not name payment\.get/)
  })

  it('refuses a definition with a standard operation that the vocabulary does not have', () => {
    const strange = { ...acme, operations: { ...acme.operations, 'payment.fly': acme.operations['payment.get'] } }

    expect(() => load(strange as typeof acme)).toThrow(/"payment\.fly" is not in the vocabulary/)
  })

  it('gives a JSON Schema of the input and an example', () => {
    expect(inputJsonSchema(operationOf(provider, 'payment.create'))).toMatchObject({
      type: 'object',
      required: ['amount', 'currency'],
      properties: { currency: { type: 'string' }, capture: { type: 'boolean', default: true } },
      additionalProperties: false,
    })
    expect(exampleOf(operationOf(provider, 'payment.get'))).toEqual({ id: 'pay_1' })
  })
})

describe('labels', () => {
  const label = (id: string, effect: 'read' | 'send' | 'charge' | 'update' | 'delete', native = false) => {
    const { reads, returns, sends } = labelsOf({ id, native, effect })
    return `${reads} ${returns} ${sends}`
  }

  it.each([
    ['message.send', 'send', 'public trusted external'],
    ['message.list', 'read', 'private untrusted none'],
    ['message.delete', 'delete', 'public trusted none'],
    ['channel.list', 'read', 'private untrusted none'],
    ['payment.create', 'charge', 'private trusted external'],
    ['payment.get', 'read', 'private trusted none'],
    ['device.set', 'update', 'private trusted none'],
    ['vm.list', 'read', 'private untrusted none'],
    ['vm.create', 'charge', 'private untrusted external'],
  ] as const)('of %s (%s) are %s by default', (id, effect, expected) => {
    expect(label(id, effect)).toBe(expected)
  })

  it('of a native operation are the worst unless it says otherwise', () => {
    expect(label('acme:item.find', 'read', true)).toBe('private untrusted external')
    expect(labelsOf({ id: 'a:b', native: true, effect: 'read', labels: { sends: 'none' } })).toEqual({
      reads: 'private',
      returns: 'untrusted',
      sends: 'none',
    })
  })
})

function captured(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
