// Families vm, network, function, topic, app, loadbalancer, cdn: machines and what is between them.
import { z } from 'zod'
import { extras, id, limit, name, status, webAddress } from './shapes.ts'

const region = id.describe('Region or zone, as the provider names it.')

const machine = z.object({
  id,
  name: z.string().nullable(),
  status,
  addresses: z.array(z.string()).describe('IP addresses, public ones first.'),
})

const named = z.object({ id, name: z.string().nullable(), status })

export const vm = {
  'vm.create': {
    summary: 'Start a machine; it costs until it is deleted.',
    input: z.strictObject({
      name,
      size: id.describe('Machine type, as the provider names it.'),
      image: id.describe('Image or operating system.'),
      region,
      gpu: id.optional().describe('Kind of GPU, where it is not part of the size.'),
      sshKeys: z.array(id).max(50).optional().describe('Ids or names of keys at the provider.'),
      native: extras,
    }),
    result: machine,
  },
  'vm.get': { summary: 'Read a machine.', input: z.strictObject({ id, region: region.optional() }), result: machine },
  'vm.list': {
    summary: 'List machines.',
    input: z.strictObject({ region: region.optional(), limit }),
    result: z.object({ machines: z.array(machine) }),
  },
  'vm.start': {
    summary: 'Switch a machine on.',
    input: z.strictObject({ id, region: region.optional() }),
    result: z.object({ id, status }),
  },
  'vm.stop': {
    summary: 'Switch a machine off; most providers still charge for it.',
    input: z.strictObject({ id, region: region.optional() }),
    result: z.object({ id, status }),
  },
  'vm.delete': {
    summary: 'Delete a machine with what is on its disk.',
    input: z.strictObject({ id, region: region.optional() }),
    result: z.object({ id }),
  },
} as const

export const network = {
  'network.create': {
    summary: 'Make a private network.',
    input: z.strictObject({
      name,
      range: z.cidrv4().optional().describe('Addresses in it: 10.0.0.0/16.'),
      region: region.optional(),
      native: extras,
    }),
    result: named.extend({ range: z.string().nullable() }),
  },
  'network.list': {
    summary: 'List private networks.',
    input: z.strictObject({ region: region.optional(), limit }),
    result: z.object({ networks: z.array(named.extend({ range: z.string().nullable() })) }),
  },
  'network.delete': {
    summary: 'Delete a private network.',
    input: z.strictObject({ id, region: region.optional() }),
    result: z.object({ id }),
  },
} as const

export const functions = {
  'function.invoke': {
    summary: 'Run a function with an input.',
    input: z.strictObject({
      id: id.describe('Name or id of the function.'),
      input: z.json().default(null),
      wait: z.boolean().default(true).describe('false starts it and does not wait for its answer.'),
      native: extras,
    }),
    result: z.object({ output: z.json().describe('What it answered; null where nobody waited.') }),
  },
} as const

export const topic = {
  'topic.publish': {
    summary: 'Publish a message to a topic.',
    input: z.strictObject({
      topic: id,
      message: z.string().max(262_144),
      attributes: z.record(z.string(), z.string()).optional(),
      native: extras,
    }),
    result: z.object({ id }),
  },
} as const

export const app = {
  'app.create': {
    summary: 'Make an app.',
    input: z.strictObject({ name, region: region.optional(), native: extras }),
    result: named.extend({ url: z.string().nullable() }),
  },
  'app.deploy': {
    summary: 'Put a version of an app to work.',
    input: z.strictObject({
      id,
      image: z.string().max(512).optional().describe('Container image.'),
      source: z.string().max(512).optional().describe('Branch, commit or archive, where it is built there.'),
      native: extras,
    }),
    result: named.extend({ url: z.string().nullable() }),
  },
  'app.delete': { summary: 'Delete an app.', input: z.strictObject({ id }), result: z.object({ id }) },
} as const

export const loadbalancer = {
  'loadbalancer.create': {
    summary: 'Make a load balancer.',
    input: z.strictObject({
      name,
      region,
      targets: z.array(id).max(200).optional().describe('Ids of machines behind it.'),
      port: z.int().min(1).max(65_535).default(80),
      native: extras,
    }),
    result: named.extend({ addresses: z.array(z.string()) }),
  },
  'loadbalancer.list': {
    summary: 'List load balancers.',
    input: z.strictObject({ region: region.optional(), limit }),
    result: z.object({ loadbalancers: z.array(named.extend({ addresses: z.array(z.string()) })) }),
  },
  'loadbalancer.delete': {
    summary: 'Delete a load balancer.',
    input: z.strictObject({ id, region: region.optional() }),
    result: z.object({ id }),
  },
} as const

export const cdn = {
  'cdn.create': {
    summary: 'Put a content network before an origin.',
    input: z.strictObject({ name, origin: webAddress, native: extras }),
    result: named.extend({ domain: z.string().nullable() }),
  },
  'cdn.purge': {
    summary: 'Have cached copies forgotten.',
    input: z.strictObject({
      id,
      paths: z.array(z.string().min(1)).max(1000).optional().describe('Default: all of it.'),
    }),
    result: z.object({ id }),
  },
  'cdn.delete': { summary: 'Take a content network away.', input: z.strictObject({ id }), result: z.object({ id }) },
} as const
