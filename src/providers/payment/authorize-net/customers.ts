// Customer profiles, with ways to pay that are stored by a nonce of Accept.js and never by the number of a card.
import {
  type InputOf,
  type JsonObject,
  knownExtras,
  type Operation,
  type ResultOf,
  readAs,
  unsupported,
  z,
} from '../../../adapter/index.ts'
import * as sample from './examples.ts'
import { billTo, call, within } from './requests.ts'
import { customerAnswer } from './shapes.ts'

const CUSTOMER_EXTRAS = ['paymentProfiles', 'validationMode']

export const createCustomer: Operation<InputOf<'customer.create'>, ResultOf<'customer.create'>> = {
  summary: 'Make a customer profile, with ways to pay by nonce where native.paymentProfiles has them.',
  effect: 'create',
  labels: { reads: 'private', returns: 'trusted', sends: 'none' },
  request: ({ email, name, reference, native: given }) => {
    const extras = knownExtras(given, CUSTOMER_EXTRAS)
    if (email === undefined && name === undefined && reference === undefined) {
      throw unsupported('a customer profile needs an email, a name or a reference', 'Give one of the three.')
    }
    const profiles = profilesIn(extras)
    return call('createCustomerProfileRequest', {
      profile: {
        ...(reference === undefined ? {} : { merchantCustomerId: within(reference, 'reference', 20) ?? '' }),
        ...(name === undefined ? {} : { description: within(name, 'name', 255) ?? '' }),
        ...(email === undefined ? {} : { email }),
        ...(profiles === undefined ? {} : { paymentProfiles: profiles }),
      },
      validationMode: extras.validationMode,
    })
  },
  result: (body) => ({ id: readAs(customerAnswer, body).customerProfileId }),
  cost: 'free',
  undo: ({ result }) => ({ operation: 'authorize-net:customer.delete', input: { id: result.id } }),
  undoLabel: 'authorize-net:customer.delete',
  verify: ({ result }) =>
    result && {
      operation: 'authorize-net:customer.get',
      input: { id: result.id },
      holds: (read) => read.id === result.id,
      consistency: 'eventual',
    },
  examples: [
    {
      input: {
        email: 'ellen@example.com',
        name: 'Ellen Johnson',
        reference: 'C-17',
        native: {
          paymentProfiles: [
            {
              customerType: 'individual',
              billTo: { firstName: 'Ellen', lastName: 'Johnson', zip: '44628' },
              payment: {
                opaqueData: {
                  dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT',
                  dataValue: 'eyJjb2RlIjoiNTBfMl8wNjAwMDUyOEVYQU1QTEUifQ',
                },
              },
            },
          ],
          validationMode: 'none',
        },
      },
      response: sample.ok({
        customerProfileId: sample.CUSTOMER,
        customerPaymentProfileIdList: [sample.PAYMENT_PROFILE],
        customerShippingAddressIdList: [],
        validationDirectResponseList: [],
      }),
    },
  ],
}

/** Ways to pay that are stored with a customer: by nonce only. */
const paymentProfiles = z
  .array(
    z.strictObject({
      customerType: z.enum(['individual', 'business']).optional(),
      billTo: z.record(z.string(), z.string()).optional(),
      payment: z.strictObject({
        opaqueData: z.strictObject({
          dataDescriptor: z.literal('COMMON.ACCEPT.INAPP.PAYMENT'),
          dataValue: z.string().regex(/[A-Za-z]/),
        }),
      }),
    }),
  )
  .min(1)
  .max(10)

function profilesIn(extras: JsonObject) {
  if (extras.paymentProfiles === undefined) return undefined
  const parsed = paymentProfiles.safeParse(extras.paymentProfiles)
  if (!parsed.success) {
    throw unsupported(
      'native.paymentProfiles is not a list of {customerType?, billTo?, payment: {opaqueData: {dataDescriptor, dataValue}}}',
      'Store ways to pay by a nonce of Accept.js; numbers of cards are never taken.',
    )
  }
  return parsed.data.map(
    ({ customerType, billTo: address, payment }): JsonObject => ({
      ...(customerType === undefined ? {} : { customerType }),
      ...(address === undefined ? {} : { billTo: billTo(address) ?? {} }),
      payment: {
        opaqueData: {
          dataDescriptor: payment.opaqueData.dataDescriptor,
          dataValue: payment.opaqueData.dataValue,
        },
      },
    }),
  )
}
