// What scripts add to the console; every page works without them.

/** A button beside each text that is made to be copied. */
const words = document.querySelector('#copy')?.dataset
function addCopyButtons(root) {
  if (!words || !navigator.clipboard) return
  for (const field of root.querySelectorAll('[data-copy]')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = words.label
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(field.value)
      button.textContent = words.done
      setTimeout(() => {
        button.textContent = words.label
      }, 2_000)
    })
    field.after(button)
  }
}
addCopyButtons(document)

/** `/` goes to the search box, as in most tools of this kind. */
const search = document.querySelector('[data-search]')
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof Element && event.target.matches('input, textarea, select')
  if (search === null || event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  search.focus()
})

/** A second press while the first is under way would do the thing twice. */
document.addEventListener('submit', (event) => {
  if (event.target.method !== 'post') return
  if (event.target.dataset.sent) event.preventDefault()
  event.target.dataset.sent = 'yes'
})
// Back from the next page, the form is as it was.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
})

/** What is marked as live is not final: the page is asked for again, and what differs is put in place of what is here. */
const FIRST_MS = 3_000
const SLOWEST_MS = 30_000
let waitMs = FIRST_MS
let timer = setTimeout(renewPage, waitMs)
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer)
  waitMs = FIRST_MS
  timer = setTimeout(renewPage)
})

async function renewPage() {
  const live = document.querySelectorAll('[data-live]')
  if (live.length === 0) return
  try {
    if (!isBusy()) await renewAll(live)
  } catch {
    // Off line: the next time may be better.
  }
  clearTimeout(timer)
  waitMs = Math.min(waitMs * 1.2, SLOWEST_MS)
  timer = setTimeout(renewPage, waitMs)
}

/** Nothing changes under somebody's hands, and nothing is asked for that nobody sees. */
function isBusy() {
  const typing = 'input:not([readonly]), select, textarea:not([readonly])'
  const isTyping = document.activeElement?.matches(typing)
  return document.hidden || isTyping || document.querySelector('[data-sent], [data-live] :active') !== null
}

async function renewAll(live) {
  const answer = await fetch(location.href)
  if (answer.redirected) return location.assign(answer.url)
  if (!answer.ok || isBusy()) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  if ([...live].some(({ id }) => page.getElementById(id) === null)) return location.reload()
  const told = new Set(said(document))
  for (const old of live) renew(old, page.getElementById(old.id))
  const news = said(document).filter((text) => !told.has(text))
  if (news.length === 0) return
  waitMs = FIRST_MS
  document.querySelector('#said').textContent = news.join(' · ')
}

const said = (root) => [...root.querySelectorAll('[data-said]')].map((element) => element.dataset.said)

/** What is equal stays as it is, with its focus; what is not comes with what was open in it. */
function renew(old, fresh) {
  addCopyButtons(fresh)
  const details = fresh.querySelectorAll('details')
  for (const [index, { open }] of old.querySelectorAll('details').entries()) {
    if (details[index]) details[index].open = open
  }
  if (old.isEqualNode(fresh)) return
  if (old.localName === 'tbody') return renewRows(old, fresh)
  const stops = (root) => [...root.querySelectorAll('a, button, summary, input, textarea, pre')]
  const at = stops(old).indexOf(document.activeElement)
  old.replaceWith(fresh)
  stops(fresh)[at]?.focus({ preventScroll: true })
}

/** Rows have the same order on both sides, but some are new and some are gone. */
function renewRows(old, fresh) {
  const wanted = new Set([...fresh.rows].map(({ id }) => id))
  for (const row of [...old.rows]) if (!wanted.has(row.id)) row.remove()
  let next = old.rows[0] ?? null
  for (const row of [...fresh.rows]) {
    if (next?.id === row.id) {
      const here = next
      next = next.nextElementSibling
      renew(here, row)
    } else old.insertBefore(row, next)
  }
  old.toggleAttribute('data-live', fresh.hasAttribute('data-live'))
}
