import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'

/** The calls of libc that capture needs. Those that answer a number answer -1 for a fault, which `fault()` then names. */
export interface Kernel {
  socket(domain: number, type: number, protocol: number): number
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number
  bind(fd: number, address: Uint8Array): number
  close(fd: number): number
  /** Closes without forgetting what the call before met. */
  closeKeepingFault(fd: number): void
  setns(fd: number, type: number): number
  poll(fds: Uint8Array, count: number, timeoutMs: number): number
  /** Address of the mapping; 0 for a fault. */
  mmap(address: number, bytes: number, flags: number, fd: number): number
  /** Mapped memory as a buffer. It must never be unmapped again: reading it would end the process. */
  view(address: number, bytes: number): ArrayBuffer
  /** Where the bytes lie, for structures that hold pointers; good as long as the array lives. */
  address(bytes: Uint8Array): bigint
  /** `EPERM`, `ENOMEM`, ...: what the last call met. */
  fault(): string
}

const readWrite = 3

/** Finds the calls in this process's own libc, so that glibc and musl both do. Linux only; throws elsewhere. */
export function openKernel(): Kernel {
  const libc = koffi.load(null)
  const setsockopt = libc.func(
    'int setsockopt(int fd, int level, int name, void *v, unsigned int n)',
  )
  const getsockopt = libc.func('int getsockopt(int fd, int level, int name, void *v, void *n)')
  const close = libc.func('int close(int fd)')
  const bind = libc.func('int bind(int fd, void *address, unsigned int n)')
  const mmap = libc.func(
    'uintptr_t mmap(uintptr_t at, size_t n, int p, int flags, int fd, long from)',
  )
  return {
    socket: libc.func('int socket(int domain, int type, int protocol)'),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, value, value.length),
    getsockopt: (fd, level, name, value) =>
      getsockopt(fd, level, name, value, Uint32Array.of(value.length)),
    bind: (fd, address) => bind(fd, address, address.length),
    close,
    closeKeepingFault: fd => {
      const met = koffi.errno()
      close(fd)
      koffi.errno(met)
    },
    setns: libc.func('int setns(int fd, int type)'),
    poll: libc.func('int poll(void *fds, unsigned long count, int timeout)'),
    mmap: (address, bytes, flags, fd) => {
      const at = mmap(address, bytes, readWrite, flags, fd, 0)
      // MAP_FAILED is the highest address of all, which no number holds exactly.
      return typeof at === 'number' ? at : 0
    },
    view: (address, bytes) => koffi.view(BigInt(address), bytes),
    address: bytes => koffi.address(bytes),
    fault: () => getSystemErrorName(-koffi.errno()),
  }
}
