/** What the operator has set for the merchant. He changes it, so here it is only shown. */
import { Hono } from 'hono'
import type { Caller } from '../api/auth'
import { ApiError } from '../api/envelope'
import { merchantById } from '../env'
import { KEPT_MS } from '../merchant/event-feed'
import { merchantView } from '../merchant/record'
import { count, dinars } from '../pages/format'
import { Code, Facts } from './parts'
import { OPERATOR_ROOT, type Reader, readerOf } from './reader'
import { withSession } from './session'
import { show } from './shell'
import { fill } from './texts'

const DAY_MS = 24 * 3_600_000

export const settingsPage = new Hono<Caller>()

settingsPage.get('/settings', withSession('READ-ONLY'), async (c) => {
  const record = await merchantById(c.env, c.get('key').merchantId).describe()
  if (record === null) throw new ApiError('NOT_FOUND', 'There is no such merchant')
  const reader = await readerOf(c)
  const { texts } = reader
  return show(reader, {
    title: texts.nav.settings,
    current: 'settings',
    children: (
      <>
        <h1>{texts.nav.settings}</h1>
        <p class="soft">{texts.settings.about}</p>
        <MerchantFacts reader={reader} merchant={merchantView(record)} />
      </>
    ),
  })
})

interface MerchantProps {
  readonly reader: Reader
  readonly merchant: ReturnType<typeof merchantView>
}

export function MerchantFacts({ reader: { language, texts, root }, merchant }: MerchantProps) {
  const { id, name, settings, wallet } = merchant
  const words = texts.settings
  const accounts = root === OPERATOR_ROOT ? texts.operator.merchant : words
  const amount = (limit: number | null) => (limit === null ? words.none : dinars(limit, language))
  const { repeat } = settings
  const repeated =
    repeat === null
      ? words.none
      : fill(words.repeats[repeat.action], { minutes: count(repeat.minutes, language) })
  return (
    <section class="card">
      <Facts
        facts={[
          [words.name, <bdi dir="auto">{name}</bdi>],
          [words.id, <Code>{id}</Code>],
          [words.account, wallet === 'own' ? accounts.own : accounts.shared],
          [words.daily, amount(settings.daily_amount)],
          [words.largest, amount(settings.largest_amount)],
          [words.repeat, repeated],
          [words.down, settings.operator_down === 'refuse' ? words.refuse : words.send],
          [words.retention, fill(words.days, { days: count(settings.retention_days, language) })],
          [words.kept, fill(words.days, { days: count(KEPT_MS / DAY_MS, language) })],
        ]}
      />
    </section>
  )
}
