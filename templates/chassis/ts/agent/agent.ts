// Example Agent: answers a task by having the fabric send a message. It holds no credential: `call` goes the way of every
// action, and reaches only what the run was granted.
import { type AgentDescription, call, type JsonObject, kv, log } from 'infrafabric:host'

/** Asked once, when the module is built. */
export function describe(): AgentDescription {
  return {
    kind: 'agent',
    id: 'example-agent',
    name: 'Example Agent',
    version: '1.0.0',
    input: {
      type: 'object',
      properties: { instance: { type: 'string' }, to: { type: 'string' }, text: { type: 'string' } },
      required: ['text'],
      additionalProperties: false,
    },
  }
}

interface Task {
  /** Where to send it; left out, nothing is sent. */
  instance?: string
  to?: string
  text: string
}

/** The task's work. Waiting for the fabric holds up nobody else. */
export async function execute({ instance, to = 'inbox', text }: Task): Promise<JsonObject> {
  const told = Number((await kv.get('told')) ?? 0) + 1
  await kv.set('told', told)
  log('info', `task ${told}`)
  if (instance === undefined) return { told, words: text.split(/\s+/).length }
  const { result, run } = await call({ instance, operation: 'message.send', input: { to, text }, why: `task ${told}` })
  return { told, sent: result.id ?? null, run }
}
