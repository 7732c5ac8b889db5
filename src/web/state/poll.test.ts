import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { poll } from './poll.ts'

/** A window that is looked at or not. */
class Tab extends EventTarget {
  hidden = false
  show(isShown: boolean) {
    this.hidden = !isShown
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

/** Counts questions every second; `pass` lets time go by. */
function polled(tab: Tab) {
  mock.timers.enable({ apis: ['setTimeout'] })
  const asked = { count: 0 }
  const polling = poll(
    async () => {
      asked.count++
    },
    1000,
    tab,
  )
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      await new Promise(resolve => setImmediate(resolve))
      mock.timers.tick(1000)
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  const end = () => {
    polling.end()
    mock.timers.reset()
  }
  return { asked, polling, pass, end }
}

test('it asks at once and then again and again, until it ends', async () => {
  const { asked, pass, end } = polled(new Tab())
  assert.equal(asked.count, 1)
  await pass(3)
  assert.equal(asked.count, 4)
  end()
  await pass(0)
  assert.equal(asked.count, 4)
})

test('while nobody looks nothing is asked, and who comes back is answered at once', async () => {
  const tab = new Tab()
  const { asked, pass, end } = polled(tab)
  tab.show(false)
  await pass(60)
  assert.equal(asked.count, 1)
  tab.show(true)
  assert.equal(asked.count, 2)
  tab.show(false)
  tab.show(true)
  assert.equal(asked.count, 2, 'a moment away is no reason to ask')
  await pass(1)
  assert.equal(asked.count, 3)
  end()
})

test('a person who does not want to wait is answered now', async () => {
  const { asked, polling, pass, end } = polled(new Tab())
  await pass(0)
  polling.again()
  await pass(0)
  assert.equal(asked.count, 2)
  await pass(1)
  assert.equal(asked.count, 3)
  end()
})
