/**
 * The numbers of the traced calls, for kernels without an event a call (CONFIG_FTRACE_SYSCALLS): what
 * raw_syscalls has is the number alone. From arch/x86/entry/syscalls/syscall_64.tbl and
 * include/uapi/asm-generic/unistd.h, which the 64-bit architectures made since share.
 */

const X86_64 = numbers(
  '0:read 1:write 2:open 3:close 4:stat 5:fstat 6:lstat 8:lseek 9:mmap 16:ioctl 17:pread64 18:pwrite64 ' +
    '19:readv 20:writev 22:pipe 32:dup 33:dup2 40:sendfile 41:socket 42:connect 43:accept 44:sendto ' +
    '45:recvfrom 46:sendmsg 47:recvmsg 48:shutdown 53:socketpair 56:clone 57:fork 58:vfork 59:execve ' +
    '60:exit 72:fcntl 73:flock 74:fsync 75:fdatasync 76:truncate 77:ftruncate 78:getdents 80:chdir ' +
    '81:fchdir 82:rename 83:mkdir 84:rmdir 85:creat 86:link 87:unlink 88:symlink 89:readlink 90:chmod ' +
    '91:fchmod 92:chown 93:fchown 94:lchown 132:utime 133:mknod 137:statfs 138:fstatfs 161:chroot ' +
    '187:readahead 213:epoll_create 217:getdents64 221:fadvise64 231:exit_group 232:epoll_wait ' +
    '233:epoll_ctl 235:utimes 253:inotify_init 254:inotify_add_watch 257:openat 258:mkdirat 259:mknodat ' +
    '260:fchownat 262:newfstatat 263:unlinkat 264:renameat 265:linkat 266:symlinkat 267:readlinkat ' +
    '268:fchmodat 269:faccessat 275:splice 276:tee 277:sync_file_range 278:vmsplice 280:utimensat ' +
    '281:epoll_pwait 282:signalfd 283:timerfd_create 284:eventfd 285:fallocate 288:accept4 289:signalfd4 ' +
    '290:eventfd2 291:epoll_create1 292:dup3 293:pipe2 294:inotify_init1 295:preadv 296:pwritev ' +
    '298:perf_event_open 299:recvmmsg 304:open_by_handle_at 306:syncfs 307:sendmmsg 316:renameat2 ' +
    '319:memfd_create 322:execveat 326:copy_file_range 327:preadv2 328:pwritev2 332:statx ' +
    '425:io_uring_setup 426:io_uring_enter 434:pidfd_open 435:clone3 436:close_range 437:openat2 ' +
    '439:faccessat2 441:epoll_pwait2',
);
const GENERIC = numbers(
  '19:eventfd2 20:epoll_create1 21:epoll_ctl 22:epoll_pwait 23:dup 24:dup3 25:fcntl 26:inotify_init1 ' +
    '27:inotify_add_watch 29:ioctl 32:flock 33:mknodat 34:mkdirat 35:unlinkat 36:symlinkat 37:linkat ' +
    '38:renameat 43:statfs 44:fstatfs 45:truncate 46:ftruncate 47:fallocate 48:faccessat 49:chdir ' +
    '50:fchdir 51:chroot 52:fchmod 53:fchmodat 54:fchownat 55:fchown 56:openat 57:close 59:pipe2 ' +
    '61:getdents64 62:lseek 63:read 64:write 65:readv 66:writev 67:pread64 68:pwrite64 69:preadv ' +
    '70:pwritev 71:sendfile 74:signalfd4 75:vmsplice 76:splice 77:tee 78:readlinkat 79:newfstatat ' +
    '80:fstat 82:fsync 83:fdatasync 84:sync_file_range 85:timerfd_create 88:utimensat 93:exit ' +
    '94:exit_group 198:socket 199:socketpair 202:accept 203:connect 206:sendto 207:recvfrom 210:shutdown ' +
    '211:sendmsg 212:recvmsg 213:readahead 220:clone 221:execve 222:mmap 223:fadvise64 ' +
    '241:perf_event_open 242:accept4 243:recvmmsg 267:syncfs 269:sendmmsg 276:renameat2 279:memfd_create ' +
    '281:execveat 285:copy_file_range 286:preadv2 287:pwritev2 291:statx 425:io_uring_setup ' +
    '426:io_uring_enter 434:pidfd_open 435:clone3 436:close_range 437:openat2 439:faccessat2 ' +
    '441:epoll_pwait2',
);

/** By Node's name of the architecture. */
const ARCHITECTURES: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  x64: X86_64,
  arm64: GENERIC,
  riscv64: GENERIC,
  loong64: GENERIC,
};

/** Undefined for an architecture whose numbers are not known here. */
export function callNumbers(architecture: string): ReadonlyMap<number, string> | undefined {
  return ARCHITECTURES[architecture];
}

function numbers(rows: string): ReadonlyMap<number, string> {
  return new Map(rows.split(' ').map((row) => [Number.parseInt(row, 10), row.slice(row.indexOf(':') + 1)]));
}
