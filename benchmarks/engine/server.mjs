// The provider of the engine benchmark, in a process of its own so that it shares no thread with what is measured. Prints
// its port. Answers a completion whole or as a stream, two requests of Home Assistant, and streams that never end.
import { createServer } from 'node:http'

const completion = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'bench-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Good evening.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
})
const state = JSON.stringify({
  entity_id: 'light.studio',
  state: 'on',
  attributes: { friendly_name: 'Studio', brightness: 180 },
  last_changed: '2026-01-01T00:00:00.000000+00:00',
  last_updated: '2026-01-01T00:00:00.000000+00:00',
  context: { id: '01J', parent_id: null, user_id: null },
})
const token = (/** @type {string} */ text) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'bench-1', choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text) => {
    body += text
  })
  request.on('end', () => {
    if (request.url === '/hold' || body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(token('Good'))
      if (request.url !== '/hold') setImmediate(() => response.end(`${token(' evening.')}data: [DONE]\n\n`))
      return
    }
    const text = request.url?.startsWith('/api/states')
      ? state
      : request.url?.startsWith('/api/services')
        ? '[]'
        : completion
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())))
