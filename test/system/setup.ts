import { afterAll, afterEach } from 'vitest'
import { closeAll, tellFailure } from './cleanup'

afterEach(({ task }) => {
  if (task.result?.state === 'fail') tellFailure()
})
afterAll(closeAll)
