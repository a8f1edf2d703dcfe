import type { WhyTexts } from './texts'

export const en: WhyTexts = {
  isolated: (text) => text,
  joined: (first, second) => `${first}; ${second}`,
  stop: '.',
  causes: {
    delivered: ({ status, url }) => `Your server took it before (${status}) at ${url}, and it is sent again`,
    redirected: ({ status, url }) =>
      `Your server answered with a redirect (${status}) at ${url}: redirects are never followed, register the final address`,
    gone: ({ status, url }) => `Your server answered ${status} at ${url}, which means that it wants no more`,
    throttled: ({ status, url }) => `Your server asked for a pause (${status}) at ${url}`,
    barred: ({ status, url }) =>
      `Your server answered ${status} at ${url}: check the signing secret there, and ask for no login on this path`,
    lost: ({ status, url }) =>
      `Your server answered ${status} at ${url}: check the path, and that it takes POST`,
    oversized: ({ status, url }) =>
      `Your server answered ${status} at ${url}: let it take request bodies of 16 KB`,
    refused: ({ status, url }) => `Your server refused it (${status}) at ${url}: its log says why`,
    failed: ({ status, url }) => `Your server failed (${status}) at ${url}: look in its error log`,
    timeout: ({ url }) =>
      `Your server gave no complete answer within 10 s at ${url}: answer first, work afterwards`,
    dns: ({ host }) => `The host name ${host} was not found: check its DNS records`,
    tls: ({ url }) =>
      `No secure connection (TLS) could be made to ${url}: check the certificate, its dates, names and whole chain`,
    connect: ({ url }) =>
      `The connection to ${url} could not be made, or broke off: check that the server is up and no firewall is in between`,
    too_large: ({ status, url }) =>
      `Your server answered ${status} at ${url} with more than 64 KB: an empty 204 is enough`,
    forbidden: ({ url, answer }) =>
      `The address ${url} may not be called${answer === '' ? '' : ` (${answer})`}: register another one`,
    answered: ({ status, url }) => `Your server answered ${status} at ${url}`,
    silent: ({ url }) => `No answer came from ${url}: check that the server can be reached from the internet`,
  },
  firstAttempt: (at) => `It has not been tried yet: the first attempt is due at ${at}`,
  nextAttempt: (at, spent, all) => `next attempt at ${at} (${spent} of ${all} spent)`,
  soon: 'It is about to be sent',
  held: {
    unverified: 'The endpoint has not echoed its challenge yet: this event goes out as soon as it does',
    paused: 'You paused the endpoint: this event goes out when you set it active again',
    disabled: 'The endpoint is disabled: this event goes out when you set it active again',
    gone: 'Your server answered 410, so the endpoint was disabled: this event goes out when you set it active again',
    breaker:
      'the endpoint failed for several orders in a row and is being probed: this event goes out as soon as it answers',
  },
  heldOtherwise: (reason) => `It is being held (${reason})`,
  exhausted: (spent) =>
    `it is not tried again, ${spent} attempts are spent: ask for the status of the order by its ref`,
  cancelled: {
    endpoint_deleted: 'The endpoint was deleted before it took this event',
    superseded: 'A newer event of the same order replaced it, as you asked',
  },
  cancelledOtherwise: (reason) => `It was cancelled (${reason})`,
}
