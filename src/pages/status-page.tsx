import { fill } from '../platform/words'
import type { Dress } from './dress'
import { calendarDate, clockTime, dinars, isSameDay, maskedNumber, withNumberMasked } from './format'
import { Frame } from './frame'
import { htmlResponse, STATUS_SCRIPT } from './html'
import { Mark, Sign, type SignName } from './icons'
import { Keep } from './keep'
import type { ShownState } from './texts'
import { nextSentence, refreshSeconds, type StatusPageView, shownState, timeline } from './wording'

export type { StatusPageView } from './wording'

/** The provider's are a sentence or two; the rest of a longer one would only push the page apart. */
const MAX_MESSAGE_CHARACTERS = 600
const MAX_OFFER_NAME_CHARACTERS = 80
const MAX_OFFERS = 8

/** What public/static/status.js asks with: the rest of the page stays as it is. */
const PART_HEADER = 'Rasid-Part'
const LIVE_PART = 'live'

const LOOK: Record<ShownState, { readonly tone: string; readonly sign: SignName }> = {
  queued: { tone: 'wait', sign: 'clock' },
  sending: { tone: 'wait', sign: 'clock' },
  sent: { tone: 'good', sign: 'tick' },
  refunded: { tone: 'back', sign: 'return' },
  unknown: { tone: 'doubt', sign: 'question' },
}

interface PartProps {
  readonly view: StatusPageView
  readonly now: number
  readonly dress: Dress
}

/**
 * The page a merchant's customer sees under his link: 200, complete HTML. `now` is unix milliseconds. To the page's own script, the changing parts alone.
 */
export async function statusPage(
  view: StatusPageView,
  request: Request,
  dress: Dress,
  now: number,
): Promise<Response> {
  const { origin, pathname } = new URL(request.url)
  const props: PartProps = { view, now, dress }
  const isPart = request.headers.get(PART_HEADER) === LIVE_PART
  const page = isPart ? <Live {...props} /> : <StatusPage {...props} link={origin + pathname} />
  return htmlResponse(String(await page), 200, { origin, dress })
}

/** The same frame, 404, for a link nobody was given. Says nothing about why. */
export async function unknownLinkPage(request: Request, dress: Dress): Promise<Response> {
  const words = dress.texts.unknownLink
  const page = (
    <Frame dress={dress} title={words.heading} refreshSeconds={null}>
      <main class="doubt">
        <Headline sign="question" heading={words.heading} sentence={words.sentence} next={words.next} />
      </main>
    </Frame>
  )
  return htmlResponse(String(await page), 404, { origin: new URL(request.url).origin, dress })
}

interface PageProps extends PartProps {
  readonly link: string
}

function StatusPage({ link, ...props }: PageProps) {
  const { view, dress } = props
  const { texts } = dress
  const { heading } = texts.states[shownState(view)]
  const refresh = refreshSeconds(view)
  return (
    <Frame dress={dress} title={heading} refreshSeconds={refresh} script={STATUS_SCRIPT}>
      <Live {...props} />
      <Keep link={link} texts={texts} />
    </Frame>
  )
}

/** What changes with the order. The script puts in what `data-live` names, and stops where there is no `data-refresh`. */
function Live(props: PartProps) {
  const { view, now, dress } = props
  const { texts } = dress
  const state = shownState(view)
  const { heading, sentence } = texts.states[state]
  const { tone, sign } = LOOK[state]
  const refresh = refreshSeconds(view)
  const asOf = fill(texts.asOf, { dateAndTime: dateAndTime(now, dress) })
  const next = nextSentence(view, now, dress)
  return (
    <>
      <main
        class={tone}
        data-title={`${heading} · ${texts.brand}`}
        {...(refresh === null ? {} : { 'data-refresh': String(refresh) })}
      >
        {/* Read aloud when it changes. */}
        <div role="status" data-live="state">
          <Headline sign={sign} heading={heading} sentence={sentence} next={next} />
        </div>
        <div class="body" data-live="body">
          <Facts {...props} />
          {state === 'refunded' && <Refund {...props} />}
          <Timeline {...props} />
        </div>
      </main>
      <footer class="as-of" data-live="as-of">
        {refresh === null ? asOf : `${asOf} ${texts.refreshes}`}
      </footer>
    </>
  )
}

interface HeadlineProps {
  readonly sign: SignName
  readonly heading: string
  readonly sentence: string
  readonly next: string
}

function Headline({ sign, heading, sentence, next }: HeadlineProps) {
  return (
    <div class="state">
      <Sign name={sign} />
      <h1>{heading}</h1>
      <p class="said">{sentence}</p>
      <p class="next">{next}</p>
    </div>
  )
}

function Facts({ view, dress }: PartProps) {
  const { labels } = dress.texts
  return (
    <dl class="facts">
      <div>
        <dt>{labels.number}</dt>
        <dd>
          <bdi dir="ltr">{maskedNumber(view.msisdn)}</bdi>
        </dd>
      </div>
      {view.amountDzd !== null && (
        <div>
          <dt>{labels.amount}</dt>
          <dd>{dinars(view.amountDzd, dress.language)}</dd>
        </div>
      )}
      <div>
        <dt>{labels.date}</dt>
        <dd>{dateAndTime(view.createdAt, dress)}</dd>
      </div>
    </dl>
  )
}

function dateAndTime(at: number, { language, texts }: Dress): string {
  return fill(texts.dateAndTime, { date: calendarDate(at, language), time: clockTime(at, language) })
}

/** Words of strangers: escaped by the renderer, each in its own direction, bounded in length. */
function Refund({ view, dress: { language, texts } }: PartProps) {
  const message =
    view.refundMessage === null ? '' : strangersText(view.refundMessage, view, MAX_MESSAGE_CHARACTERS)
  const offers = view.suggestedOffers.slice(0, MAX_OFFERS)
  return (
    <>
      {message !== '' && (
        <section>
          <h2>{texts.reason}</h2>
          <p class="told" dir="auto">
            {message}
          </p>
        </section>
      )}
      {offers.length > 0 && (
        <section>
          <h2>{texts.offers}</h2>
          <ul class="offers">
            {offers.map((offer) => (
              <li>
                <bdi dir="auto">{strangersText(offer.typename, view, MAX_OFFER_NAME_CHARACTERS)}</bdi>
                {Number.isFinite(offer.amount) && <b>{dinars(offer.amount, language)}</b>}
              </li>
            ))}
          </ul>
          <p class="hint">{texts.offersHint}</p>
        </section>
      )}
    </>
  )
}

/** Cut by characters, not code units (an emoji stays whole), after masking (half a number would slip by). */
function strangersText(text: string, view: StatusPageView, maxCharacters: number): string {
  const characters = [...withNumberMasked(text.trim(), view.msisdn)]
  return characters.length <= maxCharacters
    ? characters.join('')
    : `${characters.slice(0, maxCharacters).join('')}…`
}

function Timeline({ view, dress: { language, texts } }: PartProps) {
  return (
    <section>
      <h2>{texts.timeline}</h2>
      <ol class="steps">
        {timeline(view, texts).map(({ label, mark, at }) => (
          <li class={mark}>
            <Mark mark={mark} />
            <strong>
              {label}
              <span class="aloud">{` (${texts.marks[mark]})`}</span>
            </strong>
            {at !== null && (
              <time datetime={new Date(at).toISOString()}>
                {isSameDay(at, view.createdAt) ? '' : `${calendarDate(at, language)} `}
                {clockTime(at, language)}
              </time>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
