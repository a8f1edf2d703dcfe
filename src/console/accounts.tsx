/** The operator's first page: the provider accounts, how they fare, and what needs him. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { listMerchants } from '../api/admin'
import type { Caller } from '../api/auth'
import { merchantsQuery } from '../api/contract'
import { parse } from '../api/validation'
import { accountOf } from '../api/wallet-reconciliations'
import { merchantById } from '../env'
import { OPERATOR_WALLET, walletName } from '../order/name'
import { dinars } from '../pages/format'
import { logError } from '../platform/log'
import { incidentView, walletView } from '../provider/view'
import { AccountCards, accountName, BREAKER_TONES, Drift, Troubles } from './account-cards'
import { type AccountState, troublesOf } from './account-troubles'
import { Facts, More, Tag, Time, toldFacts } from './parts'
import { type Reader, readerOf, withQuery } from './reader'
import { show } from './shell'

export const accountPages = new Hono<Caller>()

/** Each asks three objects or four. */
const MERCHANTS_SHOWN = 20
const INCIDENTS_SHOWN = 50
/** Reports that are looked through for one which tells of the balance. */
const REPORTS_READ = 10
const FINDINGS_COUNTED = 100

/** Which account a page is about; the shared one unless it says another. */
export const accountQuery = z.object({ wallet: z.string().min(1).default(OPERATOR_WALLET) })

/** A page of merchants, after whichever the address says. */
export function merchantsAsked(c: Context<Caller>) {
  const { cursor } = c.req.query()
  return listMerchants(
    c,
    parse('querystring', { ...(cursor && { cursor }), limit: MERCHANTS_SHOWN }, merchantsQuery),
  )
}

accountPages.get('/', async (c) => {
  const reader = await readerOf(c)
  const words = reader.texts.operator.account
  const [state, merchants] = await Promise.all([stateOf(c, OPERATOR_WALLET), merchantsAsked(c)])
  const others = await Promise.all(merchants.items.map(({ id, name }) => ownAccount(c, id, name)))
  return show(reader, {
    title: reader.texts.operator.nav.accounts,
    current: 'accounts',
    children: (
      <>
        <h1>{words.shared}</h1>
        <p class="soft">{words.about}</p>
        <Troubles reader={reader} state={state} />
        <AccountCards reader={reader} state={state} />
        <p>
          <a href="/console/admin/account">{words.details}</a>
        </p>
        <Others reader={reader} accounts={others.filter((each) => each !== null)} />
        <More
          href={
            merchants.next_cursor === null
              ? null
              : withQuery(new URL(c.req.url), { cursor: merchants.next_cursor })
          }
          label={reader.texts.operator.merchant.more}
        />
      </>
    ),
  })
})

accountPages.get('/account', async (c) => {
  const { wallet } = parse('querystring', c.req.query(), accountQuery)
  const account = await accountOf(c, wallet)
  const [state, incidents] = await Promise.all([
    stateOf(c, wallet),
    account.wallet.incidents(INCIDENTS_SHOWN),
  ])
  const reader = await readerOf(c)
  return show(reader, {
    title: accountName(reader, wallet),
    current: 'accounts',
    children: (
      <>
        <p class="back-link">
          <a href="/console/admin">{reader.texts.operator.account.all}</a>
        </p>
        <h1>{accountName(reader, wallet)}</h1>
        <Troubles reader={reader} state={state} />
        <AccountCards reader={reader} state={state} />
        <Drift reader={reader} state={state} />
        <Incidents reader={reader} incidents={incidents.map(incidentView)} />
      </>
    ),
  })
})

async function stateOf(c: Context<Caller>, id: string): Promise<AccountState> {
  const { wallet, reconciler, environment } = await accountOf(c, id)
  const open = { environment, state: 'open', kind: null, before: null, limit: FINDINGS_COUNTED }
  const [state, lastSendAt, reports, findings] = await Promise.all([
    wallet.describe(),
    wallet.lastSendAt(),
    reconciler.reports(REPORTS_READ, null),
    reconciler.findings(open),
  ])
  return {
    view: walletView(id, state),
    lastSendAt,
    reports: reports.items,
    openFindings: findings.items.length,
  }
}

interface OwnAccount {
  readonly wallet: string
  readonly name: string
  /** Null when it could not be asked: the others are shown all the same. */
  readonly state: AccountState | null
}

/** Null for who uses the shared one. */
async function ownAccount(c: Context<Caller>, id: string, name: string): Promise<OwnAccount | null> {
  const wallet = walletName(id, 'production', true)
  try {
    const record = await merchantById(c.env, id).describe()
    return record?.ownAccount == null ? null : { wallet, name, state: await stateOf(c, wallet) }
  } catch (error) {
    logError('console.account', error, { wallet })
    return { wallet, name, state: null }
  }
}

function Others({ reader, accounts }: { readonly reader: Reader; readonly accounts: readonly OwnAccount[] }) {
  const { texts, language, now } = reader
  const words = texts.operator.account
  return (
    <section class="card">
      <h2>{words.others}</h2>
      {accounts.length === 0 && <p class="soft">{words.noOthers}</p>}
      <ul class="rows">
        {accounts.map(({ wallet, name, state }) => (
          <li>
            <a href={`/console/admin/account?${new URLSearchParams({ wallet })}`}>
              <bdi dir="auto">{name}</bdi>
            </a>
            {state === null ? (
              <Tag tone="doubt">{words.unasked}</Tag>
            ) : (
              <>
                <Tag tone={BREAKER_TONES[state.view.breaker.state]}>
                  {words.states[state.view.breaker.state]}
                </Tag>
                {state.view.balance.dzd !== null && <span>{dinars(state.view.balance.dzd, language)}</span>}
                {troublesOf(state, now).map(([trouble]) => (
                  <p class="soft">{texts.operator.troubles[trouble]}</p>
                ))}
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

interface IncidentsProps {
  readonly reader: Reader
  readonly incidents: readonly ReturnType<typeof incidentView>[]
}

function Incidents({ reader, incidents }: IncidentsProps) {
  const { operator } = reader.texts
  return (
    <section class="card">
      <h2>{operator.account.incidents}</h2>
      {incidents.length === 0 && <p class="soft">{operator.account.noIncidents}</p>}
      {incidents.map(({ kind, at, facts }) => (
        <details>
          <summary>
            {operator.incidents[kind].said} {at !== null && <Time reader={reader} at={at} />}
          </summary>
          <p>{operator.incidents[kind].todo}</p>
          <Facts facts={toldFacts(reader, facts)} />
        </details>
      ))}
    </section>
  )
}
