// What scripts add to the console; every page works without them.

/** A button beside each text that is made to be copied. */
const words = document.querySelector('#copy')
for (const field of document.querySelectorAll('[data-copy]')) {
  if (words === null || !navigator.clipboard) break
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = words.dataset.label
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value)
    button.textContent = words.dataset.done
    setTimeout(() => {
      button.textContent = words.dataset.label
    }, 2_000)
  })
  field.after(button)
}

/** `/` goes to the search box, as in most tools of this kind. */
const search = document.querySelector('[data-search]')
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof Element && event.target.matches('input, textarea, select')
  if (search === null || event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  search.focus()
})

/** A second press while the first is under way would do the thing twice. */
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
  })
}
// Back from the next page, the form is as it was.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
})
