/** What cannot be undone asks first: former keys that sign no longer, and an address that is called no longer. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { deleteEndpointQuery } from '../api/contract'
import { deleteEndpoint, endpointOf, listEndpoints, revokeFormerKeys } from '../api/endpoints'
import { ApiError } from '../api/envelope'
import { parse, readForm } from '../api/validation'
import type { EndpointView } from '../merchant/endpoint-view'
import { count } from '../pages/format'
import { endpointPath } from './callback-parts'
import { Code, Refusal } from './parts'
import { type Reader, readerOf } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { fill } from './texts'

export const endpointRemoval = new Hono<Caller>()

/** `cancel`, or the endpoint that is sent what this one holds. */
const heldForm = z.object({ held: z.string().optional() })

endpointRemoval.get('/endpoints/:id/revoke', withSession('READ-WRITE'), async (c) => {
  const { id, url } = await endpointOf(c, c.req.param('id'))
  const reader = await readerOf(c)
  const words = reader.texts.callbacks
  return show(reader, {
    title: words.revoke,
    current: 'endpoints',
    children: (
      <form class="card verdict back" method="post" action={`${endpointPath(id)}/revoke`}>
        <h1>{words.askRevoke}</h1>
        <p>
          <Code>{url}</Code>
        </p>
        <p>{words.aboutRevoke}</p>
        <Choose reader={reader} id={id} label={words.revoke} />
      </form>
    ),
  })
})

endpointRemoval.post('/endpoints/:id/revoke', withSession('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  await revokeFormerKeys(c, id)
  return seeOther(`${endpointPath(id)}?done=keys_revoked`)
})

endpointRemoval.get('/endpoints/:id/delete', withSession('READ-WRITE'), (c) =>
  askDelete(c, c.req.param('id'), null),
)

/** Where something came to be held after he was asked, he is asked again. */
endpointRemoval.post('/endpoints/:id/delete', withSession('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  const { held } = await readForm(c, heldForm)
  const wanted = held === undefined || held === 'cancel' ? { held } : { move_to: held }
  try {
    await deleteEndpoint(c, id, parse('body', wanted, deleteEndpointQuery))
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'HELD_EVENTS') throw error
    return askDelete(c, id, error)
  }
  return seeOther('/console/endpoints?done=deleted')
})

async function askDelete(c: Context<Caller>, id: string, refused: ApiError | null): Promise<Response> {
  if (refused !== null) c.set('refused', refused.code)
  const [reader, endpoint, all] = await Promise.all([readerOf(c), endpointOf(c, id), listEndpoints(c)])
  const words = reader.texts.callbacks
  return show(reader, {
    title: words.remove,
    current: 'endpoints',
    status: refused?.httpStatus ?? 200,
    children: (
      <form class="card verdict back" method="post" action={`${endpointPath(id)}/delete`}>
        <h1>{words.askDelete}</h1>
        <p>
          <Code>{endpoint.url}</Code>
        </p>
        {refused !== null && <Refusal reader={reader} error={refused} />}
        <p>{words.aboutDelete}</p>
        {endpoint.held > 0 && (
          <Held reader={reader} held={endpoint.held} heirs={all.filter((each) => each.id !== id)} />
        )}
        <Choose reader={reader} id={id} label={words.remove} />
      </form>
    ),
  })
}

interface HeldProps {
  readonly reader: Reader
  readonly held: number
  readonly heirs: readonly EndpointView[]
}

/** Nothing is chosen for him. */
function Held({ reader, held, heirs }: HeldProps) {
  const words = reader.texts.callbacks
  return (
    <fieldset>
      <legend>{fill(words.askHeld, { events: count(held, reader.language) })}</legend>
      {heirs.map(({ id, url }) => (
        <label class="box">
          <input type="radio" name="held" value={id} required />
          <span>
            {words.moveTo} <Code>{url}</Code>
          </span>
        </label>
      ))}
      <label class="box">
        <input type="radio" name="held" value="cancel" required />
        <span>{words.cancelHeld}</span>
      </label>
    </fieldset>
  )
}

function Choose({ reader, id, label }: { reader: Reader; id: string; label: string }) {
  return (
    <div class="actions">
      <button type="submit" class="danger">
        {label}
      </button>
      <a class="button" href={endpointPath(id)}>
        {reader.texts.callbacks.keep}
      </a>
    </div>
  )
}
