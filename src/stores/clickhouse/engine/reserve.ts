import { randomBytes } from 'node:crypto'
import { stat, unlink, writeFile } from 'node:fs/promises'

/** The engine sets 1 MiB aside for each part that it drops, and drops nothing on a disk without. */
const reserveBytes = 16 << 20

/** Room on the disk that is given up when it is full, so that what is too much can be dropped. */
export class Reserve {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Takes the room, where there is any; chance, so that no file system makes it small. */
  async take(): Promise<void> {
    const size = await stat(this.#path).then(
      found => found.size,
      () => 0,
    )
    if (size === reserveBytes) return
    await writeFile(this.#path, randomBytes(reserveBytes)).catch(() => this.give())
  }

  /** Gives it up; answers whether there was any. */
  give(): Promise<boolean> {
    return unlink(this.#path).then(
      () => true,
      () => false,
    )
  }
}

/** Whether a statement makes room on the disk. */
export const makesRoom = (statement: string): boolean =>
  /^\s*(ALTER\s+TABLE\s.*\sDROP\s+(PARTITION|PART|DETACHED)\s|DROP\s+TABLE\s|TRUNCATE\s)/is.test(
    statement,
  )
