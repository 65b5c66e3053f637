// The files that come with the package hold against the schema that comes with it.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  cedarSchemaOf,
  checkPolicyFile,
  loadPolicies,
  operationFactsOf,
  testPolicies,
} from '../../../../src/guard/index.ts'

const manifests = async () => {
  const files = (await readdir('manifests', { recursive: true })).filter((name) => name.endsWith('.yaml')).sort()
  return Promise.all(files.map(async (name) => parse(await readFile(join('manifests', name), 'utf8'))))
}

describe('the shipped schema', () => {
  it('is that of the vocabulary and the manifests', async () => {
    const schema = await readFile('schemas/guard.cedarschema', 'utf8')

    expect(schema.split('\n').slice(1).join('\n')).toBe(cedarSchemaOf(operationFactsOf(await manifests())))
  })
})

describe('the shipped policies', () => {
  it('load', async () => {
    const set = await loadPolicies({
      schema: await readFile('schemas/guard.cedarschema', 'utf8'),
      folders: [{ path: 'policies', name: 'policies', isRequired: true }],
    })

    expect(set.policies.map(({ rule }) => rule)).toEqual(['three-legs'])
  })
})

describe('the example', () => {
  it('is free of faults and warnings, and passes its own tests', async () => {
    const schema = await readFile('schemas/guard.cedarschema', 'utf8')
    const operations = operationFactsOf(await manifests())

    const { faults, warnings } = await checkPolicyFile('examples/policies/support.cedar', { schema })
    const results = await testPolicies('examples/policies/support.test.yaml', { schema, operations })

    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] })
    expect(results.flatMap(({ name, problem }) => (problem ? [`${name}: ${problem}`] : []))).toEqual([])
  })
})
