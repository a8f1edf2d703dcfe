/** `/console`: a merchant's orders, callbacks and books for people. Every page does what it does as the API does it. */
import { Hono } from 'hono'
import type { Caller } from '../api/auth'
import { ApiError, toApiError } from '../api/envelope'
import { activityPage } from './activity'
import { ASSET_VERSION } from './assets'
import { deliveryPages } from './deliveries'
import { endpointPage } from './endpoint'
import { endpointActions } from './endpoint-actions'
import { endpointRemoval } from './endpoint-removal'
import { endpointPages } from './endpoints'
import { eventPages } from './events'
import { findingPages } from './findings'
import { homePage } from './home'
import { keyPages } from './keys'
import { operatorPages } from './operator'
import { orderPage } from './order'
import { orderPages } from './orders'
import { errorInWords } from './parts'
import { readerOf } from './reader'
import { replayPages } from './replays'
import { reportPages } from './reports'
import { sendPages } from './send'
import { signIn, signOut, withSession } from './session'
import { settingsPage } from './settings'
import { show } from './shell'
import { signInPage } from './sign-in'

export const consolePages = new Hono<Caller>()

/** The version is of the content: under the address that the pages name it never changes. */
consolePages.get('/static/:version/:file{[a-z]+\\.(?:css|js)}', async (c) => {
  const { version, file } = c.req.param()
  const headers = {
    'Content-Type': file.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
    'Cache-Control': version === ASSET_VERSION ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: `"${ASSET_VERSION}"`,
    'X-Content-Type-Options': 'nosniff',
  }
  if (c.req.header('If-None-Match') === headers.ETag) return new Response(null, { status: 304, headers })
  const found = await c.env.ASSETS.fetch(new URL(`/console/${file}`, c.req.url))
  if (!found.ok) throw new ApiError('NOT_FOUND', 'There is no such file')
  return new Response(found.body, { headers })
})

consolePages.get('/sign-in', async (c) => signInPage(await readerOf(c), null))

/** A refusal is shown on the form, with the status that the API has for it. */
consolePages.post('/sign-in', async (c) => {
  const key = new URLSearchParams(await c.req.text()).get('key')?.trim() ?? ''
  try {
    return await signIn(c, key)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return signInPage(await readerOf(c), error)
  }
})

consolePages.post('/sign-out', (c) => signOut(c))

consolePages.route('/admin', operatorPages)
consolePages.route('/', homePage)
consolePages.route('/', orderPages)
consolePages.route('/', orderPage)
consolePages.route('/', sendPages)
consolePages.route('/', findingPages)
consolePages.route('/', reportPages)
consolePages.route('/', endpointPages)
consolePages.route('/', endpointPage)
consolePages.route('/', endpointActions)
consolePages.route('/', endpointRemoval)
consolePages.route('/', deliveryPages)
consolePages.route('/', replayPages)
consolePages.route('/', eventPages)
consolePages.route('/', keyPages)
consolePages.route('/', activityPage)
consolePages.route('/', settingsPage)

consolePages.get('/*', withSession('READ-ONLY'), () => {
  throw new ApiError('NOT_FOUND', 'There is no such page')
})

consolePages.onError(async (thrown, c) => {
  const error = toApiError(thrown, c)
  const reader = await readerOf(c)
  const { texts } = reader
  return show(reader, {
    title: texts.errors.title,
    current: null,
    status: error.httpStatus,
    children: (
      <section class="card verdict back">
        <h1>{texts.errors.title}</h1>
        <p>{errorInWords(error.code, reader)}</p>
        <p lang="en" dir="ltr" class="soft">
          {`${error.code}: ${error.message}`}
        </p>
        <p>
          <a class="button" href={reader.root}>
            {texts.errors.home}
          </a>
        </p>
      </section>
    ),
  })
})
