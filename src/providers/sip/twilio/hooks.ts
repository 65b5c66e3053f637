// What Twilio tells by webhook: progress of calls and messages, and what comes in. All of them are forms; each is signed
// over the address and the fields with the auth token of the account.
import { readAs, secret, twilioSignature, type Webhooks, z } from '../../../adapter/index.ts'

const event = z.record(z.string(), z.string())

/** TwiML that does nothing: the call goes on as it was, no message is sent back. */
const NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

export const webhooks: Webhooks = {
  setup:
    'Give the address as StatusCallback of a call or message, or as the voice or messaging address of a number, and store the auth token as TWILIO_AUTH_TOKEN.',
  verify: twilioSignature(secret('TWILIO_AUTH_TOKEN')),
  reply: () => ({ text: NOTHING, headers: { 'Content-Type': 'text/xml' } }),
  events: ({ body }) => {
    const fields = readAs(event, body)
    const { MessageSid: message, CallSid: call } = fields
    if (message !== undefined) {
      const status = fields.MessageStatus ?? fields.SmsStatus ?? 'received'
      return [{ id: `${message}:${status}`, type: `message.${status}`, data: fields }]
    }
    if (call === undefined) return []
    const status = fields.CallStatus ?? 'unknown'
    // A status may come again, as ringing after a redirect: the sequence tells them apart where Twilio numbers them.
    return [{ id: [call, status, fields.SequenceNumber ?? ''].join(':'), type: `call.${status}`, data: fields }]
  },
  example: {
    body: {
      CallSid: 'CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      CallStatus: 'completed',
      CallDuration: '4',
      From: '+15017122661',
      To: '+15558675310',
      Direction: 'outbound-api',
      SequenceNumber: '3',
    },
  },
}
