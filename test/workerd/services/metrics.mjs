/** What the runtime posts for each data point, as JSON. Nobody reads them here. */
export default {
  fetch: () => new Response(null, { status: 204 }),
}
