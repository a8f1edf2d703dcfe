// The customer's page: keeps it up to date while there is no result, and prints it. Without it the page reloads itself.
const LONGEST_PAUSE_SECONDS = 60
const ANSWER_WITHIN_MS = 15_000

const main = document.querySelector('main')
const button = document.querySelector('button')
let failures = 0
let isAsking = false
let timer

if (button) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
// Whoever comes back to the page wants to know at once; a final result may have been taken back since.
document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : ask()))
plan()

/** Nobody looks at a hidden page, and a final one has no `data-refresh`. */
function plan() {
  clearTimeout(timer)
  const seconds = Number(main.dataset.refresh ?? 0)
  if (seconds === 0 || document.hidden) return
  timer = setTimeout(ask, Math.min(seconds * 2 ** failures, LONGEST_PAUSE_SECONDS) * 1_000)
}

async function ask() {
  if (isAsking) return
  isAsking = true
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS)
    const answer = await fetch(location.href, { headers: { 'Rasid-Part': 'live' }, signal })
    if (!answer.ok) throw new Error(String(answer.status))
    show(new DOMParser().parseFromString(await answer.text(), 'text/html'))
    failures = 0
  } catch {
    failures += 1
  }
  isAsking = false
  plan()
}

/** Only what differs is put in: what was read aloud, or is being selected, stays. */
function show(fresh) {
  const { title, refresh } = fresh.querySelector('main').dataset
  document.title = title
  main.className = fresh.querySelector('main').className
  if (refresh === undefined) delete main.dataset.refresh
  else main.dataset.refresh = refresh
  for (const part of fresh.querySelectorAll('[data-live]')) {
    const shown = document.querySelector(`[data-live="${part.dataset.live}"]`)
    if (shown.innerHTML !== part.innerHTML) shown.replaceChildren(...part.childNodes)
  }
}
