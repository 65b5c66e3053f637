// Answers of Twilio, whole as its description has them. Examples and the twin are made from the same shapes.
import type { JsonObject, JsonValue } from '../../../adapter/index.ts'

const HEX = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'

export const ACCOUNT = `AC${HEX}`
export const CALL = `CA${HEX}`
export const MESSAGE = `SM${HEX}`
export const NUMBER = `PN${HEX}`
export const TRUNK = `TK${HEX}`

const AT = 'Fri, 18 Oct 2019 17:02:00 +0000'

/** A call that has ended, with changes. */
export const call = (changes: JsonObject = {}): JsonObject => ({
  sid: CALL,
  account_sid: ACCOUNT,
  api_version: '2010-04-01',
  answered_by: null,
  caller_name: null,
  date_created: AT,
  date_updated: AT,
  direction: 'outbound-api',
  duration: '4',
  start_time: AT,
  end_time: 'Fri, 18 Oct 2019 17:02:04 +0000',
  forwarded_from: null,
  from: '+15017122661',
  from_formatted: '(501) 712-2661',
  group_sid: null,
  parent_call_sid: null,
  phone_number_sid: null,
  price: '-0.0130',
  price_unit: 'USD',
  queue_time: '0',
  status: 'completed',
  subresource_uris: {},
  to: '+15558675310',
  to_formatted: '(555) 867-5310',
  trunk_sid: null,
  uri: `/2010-04-01/Accounts/${ACCOUNT}/Calls/${CALL}.json`,
  ...changes,
})

/** A message that waits to be sent, with changes. */
export const message = (changes: JsonObject = {}): JsonObject => ({
  sid: MESSAGE,
  account_sid: ACCOUNT,
  api_version: '2010-04-01',
  body: 'The show starts at eight.',
  date_created: AT,
  date_sent: null,
  date_updated: AT,
  direction: 'outbound-api',
  error_code: null,
  error_message: null,
  from: '+18557087423',
  messaging_service_sid: null,
  num_media: '0',
  num_segments: '1',
  price: null,
  price_unit: 'USD',
  status: 'queued',
  subresource_uris: {},
  to: '+12066505813',
  uri: `/2010-04-01/Accounts/${ACCOUNT}/Messages/${MESSAGE}.json`,
  ...changes,
})

/** A number of the account, with changes. */
export const number = (changes: JsonObject = {}): JsonObject => ({
  sid: NUMBER,
  account_sid: ACCOUNT,
  address_sid: null,
  address_requirements: 'none',
  api_version: '2010-04-01',
  beta: false,
  capabilities: { mms: true, sms: true, voice: true, fax: false },
  date_created: AT,
  date_updated: AT,
  emergency_address_sid: null,
  emergency_address_status: 'unregistered',
  emergency_status: 'Inactive',
  friendly_name: '(808) 925-1571',
  identity_sid: null,
  origin: 'twilio',
  phone_number: '+18089251571',
  sms_application_sid: null,
  sms_fallback_method: 'POST',
  sms_fallback_url: null,
  sms_method: 'POST',
  sms_url: null,
  status: 'in-use',
  status_callback: null,
  status_callback_method: 'POST',
  trunk_sid: null,
  uri: `/2010-04-01/Accounts/${ACCOUNT}/IncomingPhoneNumbers/${NUMBER}.json`,
  voice_application_sid: null,
  voice_caller_id_lookup: false,
  voice_fallback_method: 'POST',
  voice_fallback_url: null,
  voice_method: 'POST',
  voice_receive_mode: 'voice',
  voice_url: null,
  bundle_sid: null,
  ...changes,
})

/** Numbers of a kind that can be bought. */
export const available = (kind: string): JsonObject => ({
  uri: `/2010-04-01/Accounts/${ACCOUNT}/AvailablePhoneNumbers/US/${kind}.json`,
  available_phone_numbers: [
    {
      address_requirements: 'none',
      beta: false,
      capabilities: { MMS: true, SMS: false, voice: true },
      friendly_name: '(808) 925-1571',
      iso_country: 'US',
      lata: '834',
      locality: 'Hilo',
      phone_number: '+18089251571',
      postal_code: '96720',
      rate_center: 'HILO',
      region: 'HI',
    },
  ],
})

/** A page of the 2010 API; `next` is the query of the one that follows. */
export const page = (field: string, items: JsonValue[], next: string | null = null): JsonObject => ({
  end: Math.max(0, items.length - 1),
  first_page_uri: `/2010-04-01/Accounts/${ACCOUNT}/${field}.json?PageSize=50&Page=0`,
  next_page_uri: next,
  page: 0,
  page_size: 50,
  previous_page_uri: null,
  start: 0,
  uri: `/2010-04-01/Accounts/${ACCOUNT}/${field}.json?PageSize=50&Page=0`,
  [field]: items,
})

/** A trunk, with changes. */
export const trunk = (changes: JsonObject = {}): JsonObject => ({
  sid: TRUNK,
  account_sid: ACCOUNT,
  auth_type: '',
  auth_type_set: [],
  cnam_lookup_enabled: false,
  date_created: '2019-10-18T17:02:00Z',
  date_updated: '2019-10-18T17:02:00Z',
  disaster_recovery_method: null,
  disaster_recovery_url: null,
  domain_name: null,
  friendly_name: 'Trunk',
  links: {},
  recording: { mode: 'do-not-record', trim: 'do-not-trim' },
  secure: false,
  symmetric_rtp_enabled: false,
  transfer_caller_id: 'from-transferee',
  transfer_mode: 'disable-all',
  url: `https://trunking.twilio.com/v1/Trunks/${TRUNK}`,
  ...changes,
})

/** A page of trunks. */
export const trunks = (items: JsonValue[], next: string | null = null): JsonObject => ({
  meta: {
    first_page_url: 'https://trunking.twilio.com/v1/Trunks?PageSize=50&Page=0',
    key: 'trunks',
    next_page_url: next,
    page: 0,
    page_size: 50,
    previous_page_url: null,
    url: 'https://trunking.twilio.com/v1/Trunks?PageSize=50&Page=0',
  },
  trunks: items,
})

export const ORIGINATION = `OU${HEX}`
export const CREDENTIAL_LIST = `CL${HEX}`
export const CREDENTIAL = `CR${HEX}`

/** Where a trunk sends calls, with changes. */
export const origination = (changes: JsonObject = {}): JsonObject => ({
  sid: ORIGINATION,
  account_sid: ACCOUNT,
  trunk_sid: TRUNK,
  date_created: '2019-10-18T17:02:00Z',
  date_updated: '2019-10-18T17:02:00Z',
  enabled: true,
  friendly_name: 'Studio',
  priority: 10,
  sip_url: 'sip:pbx.studio.example',
  url: `https://trunking.twilio.com/v1/Trunks/${TRUNK}/OriginationUrls/${ORIGINATION}`,
  weight: 10,
  ...changes,
})

/** A list of SIP credentials, with changes. */
export const credentialList = (changes: JsonObject = {}): JsonObject => ({
  sid: CREDENTIAL_LIST,
  account_sid: ACCOUNT,
  date_created: AT,
  date_updated: AT,
  friendly_name: 'Studio phones',
  subresource_uris: {},
  uri: `/2010-04-01/Accounts/${ACCOUNT}/SIP/CredentialLists/${CREDENTIAL_LIST}.json`,
  ...changes,
})

/** A user in a list, with changes. The password never comes back. */
export const credential = (changes: JsonObject = {}): JsonObject => ({
  sid: CREDENTIAL,
  account_sid: ACCOUNT,
  credential_list_sid: CREDENTIAL_LIST,
  date_created: AT,
  date_updated: AT,
  uri: `/2010-04-01/Accounts/${ACCOUNT}/SIP/CredentialLists/${CREDENTIAL_LIST}/Credentials/${CREDENTIAL}.json`,
  username: 'desk',
  ...changes,
})
