import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RouteTable } from '../../../src/twin/routes.ts'
import { shop } from './shop-provider.ts'

const table = new RouteTable(shop)
const operationAt = (method: string, path: string) => table.find(method, path)[0]?.route.operation

describe('RouteTable', () => {
  it('finds operations below the path of their base address', () => {
    expect(operationAt('POST', '/v1/orders')).toBe('shop:order.create')
    expect(operationAt('GET', '/v1/orders')).toBe('shop:order.list')
    expect(operationAt('POST', '/v1/orders/o1/pay')).toBe('shop:order.pay')
    expect(operationAt('GET', '/orders/latest')).toBe('shop:order.latest')
    expect(operationAt('POST', '/v1/echo')).toBe('POST /v1/echo')
  })

  it.each([
    ['GET', '/'],
    ['GET', '/orders'],
    ['PUT', '/v1/orders'],
    ['GET', '/v1/orders/'],
    ['GET', '/v1/orders//pay'],
    ['GET', '/v1/orders/a/b'],
    ['GET', '/v1/orders/%E0%A4%A'],
    ['GET', '/v1/Orders'],
    ['GET', '/socket'],
  ])('finds nothing for %s %s', (method, path) => {
    expect(table.find(method, path)).toEqual([])
  })

  it('prefers a literal segment to a parameter, and goes back where the literal leads nowhere', () => {
    const handle = () => ({ body: null })
    const routed = new RouteTable({
      ...shop,
      native: {},
      twin: {
        fault: shop.twin.fault,
        operations: {},
        routes: { 'GET /a/{x}': handle, 'GET /a/b': handle, 'GET /a/{x}/{y}/end': handle, 'GET /a/b/c': handle },
      },
    })

    expect(routed.find('GET', '/a/b')[0]?.route.operation).toBe('GET /a/b')
    expect(routed.find('GET', '/a/z')[0]).toMatchObject({ route: { operation: 'GET /a/{x}' }, path: { x: 'z' } })
    expect(routed.find('GET', '/a/b/c/end')[0]).toMatchObject({ path: { x: 'b', y: 'c' } })
  })

  it.each([
    ['https://slack.example/api', '/api/orders'],
    ['https://{region}.shop.example/v2/', '/v2/orders'],
    ['{scheme}://{host}:{port}/base', '/base/orders'],
    ['{url}', '/orders'],
  ])('reads the path of the base address %s', (main, path) => {
    const routed = new RouteTable({ ...shop, baseUrls: { ...shop.baseUrls, main } })

    expect(routed.find('POST', path)[0]?.route).toMatchObject({ operation: 'shop:order.create', template: path })
  })

  it('gives any id back as it was before percent-encoding', () => {
    const id = fc.string({ minLength: 1, unit: 'binary' })
    fc.assert(
      fc.property(id, (text) => {
        expect(table.find('POST', `/v1/orders/${encodeURIComponent(text)}/pay`)[0]?.path).toEqual({ id: text })
      }),
    )
  })

  it('refuses a definition with a route that is none, or an operation that the twin cannot serve', () => {
    const twin = { ...shop.twin, routes: { 'GET v1': () => ({ body: null }) } }

    expect(() => new RouteTable({ ...shop, twin })).toThrow('the route "GET v1" is not METHOD /path')
    expect(() => new RouteTable({ ...shop, twin: { ...shop.twin, operations: {} } })).toThrow(
      'no handler for shop:order.create',
    )
    expect(() => new RouteTable({ ...shop, baseUrls: { main: 'https://x.example' } })).toThrow('no base address live')
  })
})
