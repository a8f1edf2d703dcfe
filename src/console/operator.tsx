/** `/console/admin`: the operator's pages. Every page does what `/admin` does. */
import { Hono } from 'hono'
import type { Caller } from '../api/auth'
import { ApiError } from '../api/envelope'
import { accountFindingPages } from './account-findings'
import { accountReportPages } from './account-reports'
import { accountPages } from './accounts'
import { latePages } from './late'
import { merchantPages } from './merchants'
import { signInOperator, signOutOperator, withOperator } from './operator-session'
import { readerOf } from './reader'
import { signInPage } from './sign-in'

export const operatorPages = new Hono<Caller>()

operatorPages.get('/sign-in', async (c) => signInPage(await readerOf(c), null))

/** A refusal is shown on the form, with the status that the API has for it. */
operatorPages.post('/sign-in', async (c) => {
  const token = new URLSearchParams(await c.req.text()).get('key')?.trim() ?? ''
  try {
    return await signInOperator(c, token)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return signInPage(await readerOf(c), error)
  }
})

operatorPages.post('/sign-out', (c) => signOutOperator(c))

operatorPages.use(withOperator)
operatorPages.route('/', accountPages)
operatorPages.route('/', accountFindingPages)
operatorPages.route('/', accountReportPages)
operatorPages.route('/', merchantPages)
operatorPages.route('/', latePages)

operatorPages.get('/*', () => {
  throw new ApiError('NOT_FOUND', 'There is no such page')
})
