/** The door of both consoles. */
import type { ApiError } from '../api/envelope'
import { errorInWords } from './parts'
import { OPERATOR_ROOT, type Reader } from './reader'
import { show } from './shell'

export function signInPage(reader: Reader, error: ApiError | null): Promise<Response> {
  const words = reader.root === OPERATOR_ROOT ? reader.texts.operator.signIn : reader.texts.signIn
  return show(reader, {
    title: words.title,
    current: null,
    status: error?.httpStatus ?? 200,
    children: (
      <form class="card door" method="post" action={`${reader.root}/sign-in`}>
        <h1>{words.title}</h1>
        {error !== null && (
          <p class="note back" role="alert" id="refused">
            {errorInWords(error.code, reader)}
          </p>
        )}
        <label>
          <span>{words.key}</span>
          <input
            type="password"
            name="key"
            required
            autofocus
            dir="ltr"
            autocomplete="current-password"
            {...(error === null ? {} : { 'aria-describedby': 'refused', 'aria-invalid': 'true' })}
          />
        </label>
        <button type="submit" class="main">
          {words.button}
        </button>
        <p class="soft">{words.hint}</p>
      </form>
    ),
  })
}
