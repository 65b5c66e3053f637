import { describe, expect, it } from 'vitest'
import { namesIn, RouteTree, shapeOf } from '../../../src/twin/route-tree.ts'

function tree(...templates: string[]): (path: string) => [string, string[]] | undefined {
  const routes = new RouteTree<string>()
  for (const template of templates) routes.add('GET', template, template)
  return (path) => {
    const match = routes.find('GET', path)
    return match && [match.found.join(' '), [...match.values]]
  }
}

describe('RouteTree', () => {
  it.each([
    ['/bot{token}/send', '/bot12:ab/send', ['12:ab']],
    ['/bot{token}/send', '/bot12%3Aab/send', ['12:ab']],
    ['/Calls/{sid}.json', '/Calls/CA1.2.json', ['CA1.2']],
    ['/v1/{model}:run', '/v1/a:b:run', ['a:b']],
    ['/v1/{model}:run', '/v1/a%3Arun', ['a']],
    ['/{a}-{b}', '/x-y', ['x', 'y']],
    ['/{bucket}/{key+}', '/b/a/b%2Fc/d%20e', ['b', 'a/b/c/d e']],
    ['/{bucket}/{key+}', '/b/a//b/', ['b', 'a//b/']],
    ['/o/{key+}/acl', '/o/a/acl/acl', ['a/acl']],
  ])('%s takes %s', (template, path, values) => {
    expect(tree(template)(path)).toEqual([template, values])
  })

  it.each([
    ['/bot{token}/send', '/bot/send'],
    ['/bot{token}/send', '/bota%/send'],
    ['/Calls/{sid}.json', '/Calls/.json'],
    ['/Calls/{sid}.json', '/Calls/CA1xjson'],
    ['/{bucket}/{key+}', '/b/'],
    ['/{bucket}/{key+}', '/b/%E0%A4%A'],
    ['/o/{key+}/acl', '/o/acl'],
  ])('%s does not take %s', (template, path) => {
    expect(tree(template)(path)).toBeUndefined()
  })

  it('prefers what is told most: literal, part of a segment, segment, slashes', () => {
    const find = tree('/{key+}', '/{id}', '/{id}.json', '/{id}.meta.json', '/a.json')
    const at = (path: string) => find(path)?.[0]

    expect(['/a.json', '/b.json', '/b.meta.json', '/b', '/b/c'].map(at)).toEqual([
      '/a.json',
      '/{id}.json',
      '/{id}.meta.json',
      '/{id}',
      '/{key+}',
    ])
  })

  it('refuses text beside a name that takes slashes', () => {
    expect(() => tree('/x{key+}')).toThrow('text beside')
  })

  it('knows names and shape of a template', () => {
    expect(namesIn('/bot{token}/{key+}')).toEqual(['token', 'key'])
    expect(shapeOf('/bot{token}/{key+}')).toBe('/bot{}/{+}')
  })
})
