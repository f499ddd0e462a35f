import type { Job } from 'supaqueue/edge'

type Order = { id: string; cents: number; pages: string[] }
type Approval = { by: string; approved: boolean }

/** Charges, waits for somebody's approval, prints, and asks three days later how it was. */
export async function fulfil(order: Order, job: Job) {
  // Runs once. Should the function die behind it, the next attempt is given what it returned.
  const charge = await job.step('charge', ({ idempotencyKey }) => chargeCard(order, idempotencyKey))

  // Ends the call and frees the worker, until: select supaqueue.signal(<job>, 'approval', '{"by": "Ada", "approved": true}')
  const approval = await job.waitFor<Approval>('approval', { timeout: '7 days' })
  if (!approval?.approved) {
    await job.step('refund', () => refund(charge), { retries: 5, backoff: '1 minute' })
    return { shipped: false, why: approval ? `${approval.by} said no` : 'nobody answered' }
  }

  // A step for each page, two at once: pages that are done are not printed again.
  const printed = await job.map('print', order.pages, printPage, { atOnce: 2, retries: 2 })

  await job.sleep('use it', '3 days')
  await job.step('ask', () => sendMail(`How do you like your ${printed.length} pages, ${order.id}?`))
  return { shipped: true, charge, printed }
}

// In place of these you would call services.
let calls = 0
const chargeCard = (order: Order, key: string) => ({ id: `ch_${key}`, cents: order.cents, call: ++calls })
const refund = (charge: { id: string }) => ({ refunded: charge.id })
const printPage = (page: string) => `${page}, printed`
const sendMail = (text: string) => ({ sent: text })
