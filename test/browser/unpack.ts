import { launch } from './launch'

/** The first to start the packaged browser unpacks it, and two at once would find it half written: once, before all. */
export default async function unpack(): Promise<void> {
  await (await launch()).close()
}
