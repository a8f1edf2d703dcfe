import type { StatusTexts } from './status-texts'

export const en: StatusTexts = {
  brand: 'Rasid',
  languages: 'Language',
  states: {
    queued: {
      heading: 'Request received',
      sentence: 'We have your top-up request. There is no result yet.',
      next: 'It usually takes less than a minute.',
      operatorStep: 'With the operator',
      resultStep: 'Result',
    },
    sending: {
      heading: 'In progress',
      sentence: 'Your top-up is with the operator. There is no result yet.',
      next: 'The answer usually comes in less than a minute.',
      operatorStep: 'Being delivered',
      resultStep: 'Result',
    },
    sent: {
      heading: 'Credit sent',
      sentence: 'The credit was sent to this number.',
      next: 'If you do not see it in your balance, show this page to the shop.',
      operatorStep: 'With the operator',
      resultStep: 'Credit sent',
    },
    refunded: {
      heading: 'Not topped up',
      sentence: 'The top-up did not go through, and the money went back to the shop’s balance.',
      next: 'Ask the shop to try again or to give you your money back.',
      operatorStep: 'Did not go through',
      resultStep: 'Money back with the shop',
    },
    unknown: {
      heading: 'No result yet',
      sentence:
        'Your money is safe: nothing has been decided yet. Either the credit arrives, or the money goes back to the shop’s balance.',
      next: 'Please do not ask for a second top-up meanwhile: the first may still arrive.',
      operatorStep: 'No clear answer so far',
      resultStep: 'Result',
    },
  },
  late: 'It is taking longer than usual, and we keep looking. Please do not ask for a second top-up: the first may still arrive.',
  nextLook: {
    at: (time) => `We look again at ${time}.`,
    on: (date, time) => `We look again on ${date} at ${time}.`,
    soon: 'We are looking again in a moment.',
    undated: 'We keep looking.',
  },
  labels: { number: 'Number', amount: 'Amount', date: 'Asked on' },
  timeline: 'Steps',
  askedStep: 'Asked for',
  acceptedStep: 'Accepted',
  marks: { done: 'done', now: 'in progress', later: 'to come', doubt: 'not known', failed: 'failed' },
  dateAndTime: (date, time) => `${date}, ${time}`,
  reason: 'Reason given',
  offers: 'Offers this number can take',
  offersHint: 'Ask the shop for one of these.',
  keep: {
    heading: 'Keep this page',
    scan: 'Scan the code to open this page on a phone.',
    print: 'Print',
  },
  asOf: (dateAndTime) => `As of ${dateAndTime}.`,
  refreshes: 'This page updates by itself.',
  unknownLink: {
    heading: 'Link not found',
    sentence: 'We know no top-up under this link.',
    next: 'Check that you opened the whole link, or ask the shop for it again.',
  },
}
