import { describe, expect, it } from 'vitest'
import { isAnswer, originsOf } from '../../../src/guard/sequences-conversation.ts'

const list = (to: string, senders: (string | null)[], instance = 'slack') => ({
  instance,
  operation: 'message.list',
  input: { to },
  result: { messages: senders.map((from, at) => ({ id: `m${at}`, text: 'hello', from, sentAt: '' })) },
})

const send = (input: Record<string, string | number | object>, instance = 'slack', operation = 'message.send') => ({
  instance,
  operation,
  input: input as never,
})

describe('an answer', () => {
  it.each([
    ['in the channel that was read', list('C1', ['U1', 'U2']), send({ to: 'C1', text: 'Done.' })],
    ['to the one who wrote all of it', list('C1', ['U1', 'U1']), send({ to: 'U1', text: 'Done.' })],
    ['as a reply in a thread', list('C1', []), send({ to: 'C1', text: 'It is 5.50, or v1.2', replyTo: '150.0002' })],
    [
      'where the vendor calls the channel by its id',
      { ...send({ to: '#general', text: 'a' }), result: { id: '1', to: 'C1', sentAt: '' } },
      send({ to: 'C1', text: 'b' }),
    ],
    [
      'to who sent a text message',
      { instance: 'sms', operation: 'sms.get', input: { id: '7' }, result: { from: '+4420', to: '+4930' } },
      send({ to: '+4420', from: '+4930', text: 'Yes.' }, 'sms', 'sms.send'),
    ],
    [
      'after a read by a native operation with a channel',
      { instance: 'slack', operation: 'slack:thread.list', input: { channel: 'C1' }, result: { from: 'U9' } },
      send({ to: 'C1', text: 'Done.' }),
    ],
  ])('is one %s', (_title, brought, action) => {
    expect(isAnswer(action, originsOf(brought))).toBe(true)
  })

  it.each([
    ['another channel', list('C1', ['U1']), send({ to: 'C2', text: 'Done.' })],
    ['the same name at another instance', list('C1', ['U1']), send({ to: 'C1', text: 'Done.' }, 'slack-two')],
    ['one of several who wrote', list('C1', ['U1', 'U2']), send({ to: 'U1', text: 'Done.' })],
    ['who wrote beside somebody unknown', list('C1', ['U1', null]), send({ to: 'U1', text: 'Done.' })],
    ['whom a native result names', { ...list('C1', ['U1']), operation: 'slack:search' }, send({ to: 'U1', text: 'x' })],
    ['nobody that it names', list('C1', ['U1']), send({ text: 'Done.' })],
    ['an empty name', list('', ['U1']), send({ to: '', text: 'Done.' })],
    ['the channel, with a link', list('C1', []), send({ to: 'C1', text: 'see https://evil.example/?q=secret' })],
    ['the channel, with what chats make a link of', list('C1', []), send({ to: 'C1', text: 'secret.evil.example' })],
    ['the channel, with a name in another script', list('C1', []), send({ to: 'C1', text: 'пример.рф' })],
    ['the channel, by a field that may lead elsewhere', list('C1', []), send({ to: 'C1', text: 'a', cc: 'U2' })],
    [
      'the channel, with extras of the vendor',
      list('C1', []),
      send({ to: 'C1', text: 'a', native: { channel: 'C2' } }),
    ],
    ['the channel, with words that are no text', list('C1', []), send({ to: 'C1', text: 5 })],
    ['the channel, by a native operation', list('C1', []), send({ to: 'C1', text: 'a' }, 'slack', 'slack:post')],
    [
      'the account that a payout went to, with money',
      { instance: 'stripe', operation: 'payout.create', input: { to: 'acct' } },
      send({ to: 'acct', amount: 5 }, 'stripe', 'payout.create'),
    ],
  ])('is none that goes to %s', (_title, brought, action) => {
    expect(isAnswer(action, originsOf(brought))).toBe(false)
  })

  it('tells nothing of the address itself in what is kept', () => {
    expect(originsOf(list('+442071838750', [])).join()).not.toContain('442071838750')
  })
})
