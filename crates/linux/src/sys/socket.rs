//! Sockets. Numbers and structures are the host's.

use super::syscalls;
use super::vectors::{message, messages};

syscalls! { ROWS;
    198 socket(family: Family, kind: SocketType, protocol: Int) Full { pass SYS_socket }
    199 socketpair(family: Family, kind: SocketType, protocol: Int, ends: Pair) Full { pass SYS_socketpair }
    200 bind(fd: Fd, addr: SockAddr, len: Uint) Full { pass SYS_bind }
    201 listen(fd: Fd, backlog: Int) Full { pass SYS_listen }
    202 accept(fd: Fd, addr: Ptr, len: Ptr) Full { block SYS_accept }
    203 connect(fd: Fd, addr: SockAddr, len: Uint) Full { block SYS_connect }
    204 getsockname(fd: Fd, addr: Ptr, len: Ptr) Full { pass SYS_getsockname }
    205 getpeername(fd: Fd, addr: Ptr, len: Ptr) Full { pass SYS_getpeername }
    206 sendto(fd: Fd, buf: In, len: Size, flags: MessageFlags, addr: SockAddr, addr_len: Uint) Full { block SYS_sendto }
    207 recvfrom(fd: Fd, buf: Out, len: Size, flags: MessageFlags, addr: Ptr, addr_len: Ptr) Full { block SYS_recvfrom }
    208 setsockopt(fd: Fd, level: Int, option: Int, value: Ptr, len: Uint) Full { pass SYS_setsockopt }
    209 getsockopt(fd: Fd, level: Int, option: Int, value: Ptr, len: Ptr) Full { pass SYS_getsockopt }
    210 shutdown(fd: Fd, how: Int) Full { pass SYS_shutdown }
    211 sendmsg(fd: Fd, header: Ptr, flags: MessageFlags) Full {
        |t| message(t, libc::SYS_sendmsg, &[fd.0 as u64, header.0, flags.0 as u64, 0, 0, 0])
    }
    212 recvmsg(fd: Fd, header: Ptr, flags: MessageFlags) Full {
        |t| message(t, libc::SYS_recvmsg, &[fd.0 as u64, header.0, flags.0 as u64, 0, 0, 0])
    }
    242 accept4(fd: Fd, addr: Ptr, len: Ptr, flags: SocketType) Full { block SYS_accept4 }
    243 recvmmsg(fd: Fd, headers: Ptr, count: Uint, flags: MessageFlags, timeout: Time) Full {
        |t| messages(t, libc::SYS_recvmmsg, &[fd.0 as u64, headers.0, count.0.into(), flags.0 as u64, timeout.0, 0])
    }
    269 sendmmsg(fd: Fd, headers: Ptr, count: Uint, flags: MessageFlags) Full {
        |t| messages(t, libc::SYS_sendmmsg, &[fd.0 as u64, headers.0, count.0.into(), flags.0 as u64, 0, 0])
    }
}
