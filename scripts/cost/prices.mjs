// Cloudflare's published prices, Workers Paid, US dollars without tax, as read on 2026-11-23. What is included each month
// is not subtracted from an extra million. Read them again before you rely on them.

const DOCS = 'https://developers.cloudflare.com'
export const READ_ON = '2026-11-23'

/** @typedef {{ perMillion: number, included: string, source: string }} Price */

/** @satisfies {Readonly<Record<string, Price>>} */
export const PRICES = {
  'Worker requests': { perMillion: 0.3, included: '10 million', source: `${DOCS}/workers/platform/pricing/` },
  'Worker CPU, ms': { perMillion: 0.02, included: '30 million', source: `${DOCS}/workers/platform/pricing/` },
  'object requests': {
    perMillion: 0.15,
    included: '1 million',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  'object GB-seconds': {
    perMillion: 12.5,
    included: '400,000',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  'rows written': {
    perMillion: 1,
    included: '50 million',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  'rows read': {
    perMillion: 0.001,
    included: '25 billion',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  'storage, GB a month': {
    perMillion: 200_000,
    included: '5',
    source: `${DOCS}/durable-objects/platform/pricing/`,
  },
  'KV reads': { perMillion: 0.5, included: '10 million', source: `${DOCS}/kv/platform/pricing/` },
  // Not confirmed by a reading: check it first. It is a quarter of a dollar a month.
  'KV lists': { perMillion: 5, included: '1 million', source: `${DOCS}/kv/platform/pricing/` },
  'log events': {
    perMillion: 0.6,
    included: '10 million',
    source: `${DOCS}/workers/observability/logs/workers-logs/#pricing`,
  },
  'data points': {
    perMillion: 0.25,
    included: '10 million; not billed yet',
    source: `${DOCS}/analytics/analytics-engine/pricing/`,
  },
}
