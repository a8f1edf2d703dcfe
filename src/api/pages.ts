/** The provider's numbered pages: `page`, `pageSize`, and a window of `from` and `to` together. */
import type { Context } from 'hono'
import type { PageRequest } from '../merchant/order-pages'
import { pagesQuery } from './contract'
import { ApiError } from './envelope'
import { readQuery } from './validation'

export function readPages(c: Context): Omit<PageRequest, 'environment' | 'walker'> {
  const { page, pageSize, from, to } = readQuery(c, pagesQuery)
  if ((from === undefined) !== (to === undefined)) throw halfWindow(from === undefined ? 'from' : 'to')
  const window =
    from === undefined || to === undefined ? null : { from: Date.parse(from), to: Date.parse(to) }
  return { page, pageSize, window }
}

export function pagination({ page, pageSize }: Pick<PageRequest, 'page' | 'pageSize'>, totalResults: number) {
  return { page, pageSize, totalPages: Math.ceil(totalResults / pageSize), totalResults }
}

function halfWindow(missing: 'from' | 'to'): ApiError {
  const given = missing === 'from' ? 'to' : 'from'
  const message = `querystring must have property ${missing} when property ${given} is present`
  return new ApiError('ERR_VALIDATION', message, { field: missing, value: null })
}
