/** Told of what happens; the words are those of Node's emitters, which Vizceral's callers know. */
export class Emitter<Events> {
  private readonly heard = new Map<keyof Events, ((told: never) => void)[]>()

  on<Name extends keyof Events>(name: Name, listener: (told: Events[Name]) => void): this {
    this.heard.set(name, [...(this.heard.get(name) ?? []), listener])
    return this
  }

  once<Name extends keyof Events>(name: Name, listener: (told: Events[Name]) => void): this {
    const first = (told: Events[Name]) => {
      this.off(name, first)
      listener(told)
    }
    return this.on(name, first)
  }

  off<Name extends keyof Events>(name: Name, listener: (told: Events[Name]) => void): this {
    const left = (this.heard.get(name) ?? []).filter(each => each !== listener)
    this.heard.set(name, left)
    return this
  }

  removeListener<Name extends keyof Events>(
    name: Name,
    listener: (told: Events[Name]) => void,
  ): this {
    return this.off(name, listener)
  }

  removeAllListeners(name?: keyof Events): this {
    if (name === undefined) this.heard.clear()
    else this.heard.delete(name)
    return this
  }

  emit<Name extends keyof Events>(name: Name, told: Events[Name]): boolean {
    const listeners = this.heard.get(name) ?? []
    for (const listener of listeners) (listener as (told: Events[Name]) => void)(told)
    return listeners.length > 0
  }
}
