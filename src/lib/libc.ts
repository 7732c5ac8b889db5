import koffi from 'koffi'

/**
 * The calls that Node does not have, of the C library that Node itself runs on (glibc or musl). Each answers as in C:
 * -1 on failure, and `errno()` tells why.
 */
export interface Libc {
  socket(family: number, type: number, protocol: number): number
  send(descriptor: number, bytes: Uint8Array, length: number, flags: number): number
  recv(descriptor: number, bytes: Uint8Array, length: number, flags: number): number
  setns(descriptor: number, type: number): number
  ioctl(descriptor: number, request: number, argument: number): number
  close(descriptor: number): number
  /** Any call by number, for those without a function. Pointers are buffers. */
  syscall(number: number, ...args: readonly (number | bigint | Uint8Array | null)[]): number
  errno(): number
  /** Maps bytes of a file, shared; undefined when refused. */
  map(descriptor: number, length: number, offset: number, writable: boolean): Mapping | undefined
  /** Where a buffer lies, for structures that hold pointers; it must be kept alive meanwhile. */
  addressOf(bytes: Uint8Array): bigint
}

/** Memory shared with the kernel. */
export interface Mapping {
  readonly bytes: Uint8Array
  /** Puts empty pages in its place: a view that is still read sees zeros instead of ending the program. */
  detach(): void
}

const protRead = 1
const protWrite = 2
const mapShared = 1
const mapDetached = 2 | 0x10 | 0x20 // MAP_PRIVATE, MAP_FIXED, MAP_ANONYMOUS
const mapFailed = 0xffffffffffffffffn

/** Opens the C library; throws where there is none of this kind (no Linux). */
export function openLibc(): Libc {
  const library = koffi.load(null)
  const syscall = library.func(
    'long syscall(long number, void *a, void *b, void *c, void *d, void *e, void *f)',
  )
  return {
    socket: library.func('int socket(int family, int type, int protocol)'),
    send: library.func('long send(int descriptor, void *bytes, size_t length, int flags)'),
    recv: library.func('long recv(int descriptor, _Out_ void *bytes, size_t length, int flags)'),
    setns: library.func('int setns(int descriptor, int type)'),
    ioctl: library.func('int ioctl(int descriptor, unsigned long request, long argument)'),
    close: library.func('int close(int descriptor)'),
    syscall: (number, ...args) => {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args
      return Number(syscall(number, a, b, c, d, e, f))
    },
    errno: () => koffi.errno(),
    map: mapper(library),
    addressOf: bytes => BigInt(koffi.address(bytes)),
  }
}

function mapper(library: ReturnType<typeof koffi.load>): Libc['map'] {
  const mmap = library.func(
    'void *mmap(void *address, size_t length, int prot, int flags, int descriptor, int64_t offset)',
  )
  return (descriptor, length, offset, writable) => {
    const prot = writable ? protRead | protWrite : protRead
    const address = mmap(null, length, prot, mapShared, descriptor, offset)
    if (address === null || BigInt(koffi.address(address)) === mapFailed) return undefined
    const detach = () => {
      mmap(address, length, protRead, mapDetached, -1, 0)
    }
    return { bytes: new Uint8Array(koffi.view(address, length)), detach }
  }
}
