/** Forty causes, as services and drivers word them, with what differs from job to job: five messages of each. */
const ULIDS = ['01J9Z3M2Q8', '01JA0B7K4D', '01HZX3Q4W5E6R7T8Y9U0I1O2P3', '01JB2C8M5N6P7Q8R9S0T1V2W3X', '01JC9D4E5F']
const UUIDS = [
  '1b4e28ba-2fa1-11d2-883f-0016d3cca427',
  '9c5b94b1-35ad-49bb-b118-8e8fc24abf80',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  '7d444840-9dc0-11d1-b245-5ffdce74fad2',
]
const MAILS = [
  'ada@example.com',
  'bob.smith@mail.example.org',
  'c+d@example.co.uk',
  'eve_1@example.net',
  'f@x-y.example',
]
const TIMES = [
  '2026-11-27T23:18:11Z',
  '2026-11-28T00:01:02.345Z',
  '2026-11-28 10:24:09',
  '2026-11-28T10:24:09+02:00',
  '2026-12-01T05:06:07.1Z',
]
const HEX = ['deadbeef01', 'a94a8fe5ccb1', '0f1e2d3c4b5a', '9b74c9897bac770f', 'e3b0c44298fc']
const PATHS = ['/tmp/a/1.png', '/var/task/in/b.bmp', '/home/app/c d/x.csv', '/data/2026/report.pdf', '/mnt/x/y/z.txt']
const NUMBERS = ['7', '42', '1000', '31337', '999999']
const NAMES = ['alpha', 'Beta', 'gamma delta', 'ε', 'x1']

const of = (values: string[], text: (value: string, place: number) => string) => values.map(text)

export const CORPUS: string[][] = [
  of(NUMBERS, (n) => `no user user_${n}`),
  of(NUMBERS, (n) => `No such customer: cus_${n}`),
  of(ULIDS, (id) => `No such payment_intent: pi_${id}`),
  of(NUMBERS, (n) => `order ORD-2026-${n.padStart(5, '0')} is already paid`),
  of(NUMBERS, (n) => `order ORD-2026-${n.padStart(5, '0')} was cancelled`),
  of(MAILS, (mail) => `550 5.1.1 ${mail}: Recipient address rejected`),
  of(MAILS, (mail) => `cannot send to ${mail}: mailbox is full`),
  of(TIMES, (time) => `token expired at ${time}`),
  of(TIMES, (time) => `the report of ${time} is not ready yet`),
  of(ULIDS, (id) => `document ${id} was not found`),
  of(UUIDS, (id) => `row ${id} violates the check constraint`),
  of(UUIDS, (id) => `lock of ${id} could not be obtained`),
  of(HEX, (hex) => `blob ${hex} is corrupt`),
  of(HEX, (hex) => `commit ${hex} is unknown`),
  of(PATHS.map((path) => path.replaceAll(' ', '_')), (path) => `ENOENT: no such file or directory, open ${path}`),
  of(PATHS.map((path) => path.replaceAll(' ', '_')), (path) => `EACCES: permission denied, unlink ${path}`),
  of(NAMES, (name) => `invalid input value for enum: "${name}"`),
  of(NAMES, (name) => `column '${name}' does not exist`),
  of(NAMES, (name) => `Unexpected field \`${name}\``),
  of(NUMBERS, (n) => `connect ECONNREFUSED 10.0.0.${Number(n) % 250}:5432`),
  of(NUMBERS, (n) => `connect ETIMEDOUT 10.1.${Number(n) % 250}.9:443`),
  of(NUMBERS, (n) => `no answer within ${n} ms`),
  of(NUMBERS, (n) => `Rate limit reached: try again in ${n}.5s`),
  of(NUMBERS, (n) => `This model's maximum context length is 8192 tokens, you requested ${n}`),
  of(NUMBERS, (n) => `payload of ${n} bytes is too large`),
  of(NUMBERS, (n) => `expected 3 columns and found ${n}`),
  of(NUMBERS, (n) => `https://api.example.com/v1/items/${n}?key=${n} answered 404`),
  of(NUMBERS, (n) => `https://files.example.com/f/${n} answered 403`),
  of(NUMBERS, (n) => `could not serialize access, attempt ${n}`),
  of(NUMBERS, (n) => `deadlock detected: process ${n} waits`),
  of(UUIDS, (id, i) => `tenant tnt_${id.slice(0, 8)}: quota of ${NUMBERS[i]} used up`),
  of(ULIDS, (id) => `webhook evt_${id} was delivered twice`),
  of(NUMBERS, (n) => `TypeError: Cannot read properties of undefined (reading '${n}')`),
  of(NUMBERS, (n) => `RangeError: Invalid array length ${n}`),
  of(NUMBERS, (n) => `SyntaxError: Unexpected token < in JSON at position ${n}`),
  of(HEX, (hex) => `address 0x${hex} is no checksum address`),
  of(TIMES, (time, i) => `invoice INV-${NUMBERS[i]} of ${time} has no lines`),
  of(MAILS, (mail, i) => `user usr_${NUMBERS[i]} <${mail}> has not confirmed`),
  of(NUMBERS, (n) => `SQ422: the header x-count has ${n} values`),
  of(NAMES, () => `certificate has expired`),
]
