//! Names of the bits and values that system calls take, for strace.

use std::fmt::Write;

/// Names of a flag argument: values of the bits in `field`, and single bits.
#[derive(Debug, PartialEq, Eq)]
pub struct Set {
    /// Bits that together hold one value.
    field: u64,
    /// Names of the field's values.
    values: &'static [(u64, &'static str)],
    /// Names of the other bits.
    bits: &'static [(u64, &'static str)],
}

impl Set {
    /// Appends e.g. `O_RDONLY|O_CLOEXEC`.
    pub fn show(&self, raw: u64, out: &mut String) {
        let start = out.len();
        let mut rest = raw & 0xffff_ffff;
        let value = rest & self.field;
        if let Some((_, name)) = self.values.iter().find(|v| v.0 == value) {
            out.push_str(name);
            rest &= !self.field;
        }
        for (bit, name) in self.bits.iter().filter(|b| b.0 != 0) {
            if rest & bit == *bit {
                rest &= !bit;
                separate(out, start);
                out.push_str(name);
            }
        }
        if rest != 0 || out.len() == start {
            separate(out, start);
            let _ = if rest == 0 { write!(out, "0") } else { write!(out, "{rest:#x}") };
        }
    }
}

fn separate(out: &mut String, start: usize) {
    if out.len() > start {
        out.push('|');
    }
}

/// Appends the name of a value, or the value.
pub fn show_exact(set: &Set, raw: u64, out: &mut String) {
    match set.values.iter().find(|v| v.0 == raw) {
        Some((_, name)) => out.push_str(name),
        None => {
            let _ = write!(out, "{}", raw as i32);
        }
    }
}

/// Appends a signal's name.
pub fn show_signal(number: i32, out: &mut String) {
    match SIGNALS.iter().find(|s| s.0 == number) {
        Some((_, name)) => out.push_str(name),
        None if (34..=64).contains(&number) => {
            let _ = write!(out, "SIGRT_{}", number - 32);
        }
        None => {
            let _ = write!(out, "{number}");
        }
    }
}

/// Names taken from the C library's constants, so that name and value cannot differ.
macro_rules! named {
    ($($name:ident)*) => { &[$((libc::$name as u32 as u64, stringify!($name))),*] };
}

macro_rules! set {
    ($name:ident: bits $($bit:ident)*) => {
        pub static $name: Set = Set { field: 0, values: &[], bits: named!($($bit)*) };
    };
    ($name:ident: values $($value:ident)*) => {
        pub static $name: Set = Set { field: !0, values: named!($($value)*), bits: &[] };
    };
    ($name:ident: field $field:literal $($value:ident)*; bits $($bit:ident)*) => {
        pub static $name: Set = Set { field: $field, values: named!($($value)*), bits: named!($($bit)*) };
    };
}

/// Numbers and names of the standard signals.
pub static SIGNALS: &[(i32, &str)] = &{
    macro_rules! signals {
        ($($name:ident)*) => { [$((libc::$name, stringify!($name))),*] };
    }
    signals!(SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM
        SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF
        SIGWINCH SIGIO SIGPWR SIGSYS)
};

set!(OPEN: field 3 O_RDONLY O_WRONLY O_RDWR; bits O_TMPFILE O_SYNC O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK
    O_DSYNC O_DIRECT O_LARGEFILE O_DIRECTORY O_NOFOLLOW O_NOATIME O_CLOEXEC O_PATH);
set!(AT: bits AT_SYMLINK_NOFOLLOW AT_REMOVEDIR AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH);
set!(ACCESS: field 7 F_OK; bits R_OK W_OK X_OK);
set!(PROT: field 15 PROT_NONE; bits PROT_READ PROT_WRITE PROT_EXEC PROT_GROWSDOWN PROT_GROWSUP);
set!(MAP: field 15 MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE; bits MAP_FIXED MAP_ANONYMOUS MAP_FIXED_NOREPLACE
    MAP_GROWSDOWN MAP_DENYWRITE MAP_EXECUTABLE MAP_LOCKED MAP_NORESERVE MAP_POPULATE MAP_NONBLOCK MAP_STACK MAP_HUGETLB MAP_SYNC);
set!(REMAP: bits MREMAP_MAYMOVE MREMAP_FIXED MREMAP_DONTUNMAP);
set!(CLONE: bits CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE CLONE_VFORK CLONE_PARENT
    CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_UNTRACED
    CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_IO);
set!(FUTEX: field 0x7f FUTEX_WAIT FUTEX_WAKE FUTEX_FD FUTEX_REQUEUE FUTEX_CMP_REQUEUE FUTEX_WAKE_OP FUTEX_LOCK_PI
    FUTEX_UNLOCK_PI FUTEX_TRYLOCK_PI FUTEX_WAIT_BITSET FUTEX_WAKE_BITSET FUTEX_WAIT_REQUEUE_PI FUTEX_CMP_REQUEUE_PI;
    bits FUTEX_PRIVATE_FLAG FUTEX_CLOCK_REALTIME);
set!(WHENCE: values SEEK_SET SEEK_CUR SEEK_END SEEK_DATA SEEK_HOLE);
set!(FCNTL: values F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN F_SETLEASE
    F_GETLEASE F_NOTIFY F_DUPFD_CLOEXEC F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS F_OFD_GETLK F_OFD_SETLK
    F_OFD_SETLKW);
set!(ADVICE: values MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_FREE MADV_REMOVE
    MADV_DONTFORK MADV_DOFORK MADV_MERGEABLE MADV_UNMERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE MADV_DONTDUMP MADV_DODUMP
    MADV_WIPEONFORK MADV_KEEPONFORK MADV_COLD MADV_PAGEOUT MADV_POPULATE_READ MADV_POPULATE_WRITE);
set!(ACTION: bits SA_RESTART SA_NODEFER SA_RESETHAND SA_SIGINFO SA_ONSTACK SA_NOCLDSTOP SA_NOCLDWAIT);
set!(FILE_KIND: values S_IFREG S_IFDIR S_IFLNK S_IFCHR S_IFBLK S_IFIFO S_IFSOCK);
set!(MASK_HOW: values SIG_BLOCK SIG_UNBLOCK SIG_SETMASK);
set!(WAIT: bits WNOHANG WUNTRACED WEXITED WCONTINUED WNOWAIT __WNOTHREAD __WALL __WCLONE);
set!(FAMILY: values AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_ALG);
set!(SOCKET_TYPE: field 15 SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET; bits SOCK_NONBLOCK SOCK_CLOEXEC);
set!(MESSAGE: bits MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_TRUNC MSG_DONTWAIT MSG_EOR MSG_WAITALL MSG_CONFIRM
    MSG_ERRQUEUE MSG_NOSIGNAL MSG_MORE MSG_WAITFORONE MSG_FASTOPEN MSG_CMSG_CLOEXEC);
set!(RESOURCE: values RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_RSS RLIMIT_NPROC RLIMIT_NOFILE
    RLIMIT_MEMLOCK RLIMIT_AS RLIMIT_LOCKS RLIMIT_SIGPENDING RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME);
set!(EPOLL_OP: values EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD);
set!(CLOCK: values CLOCK_REALTIME CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_THREAD_CPUTIME_ID CLOCK_MONOTONIC_RAW
    CLOCK_REALTIME_COARSE CLOCK_MONOTONIC_COARSE CLOCK_BOOTTIME CLOCK_REALTIME_ALARM CLOCK_BOOTTIME_ALARM CLOCK_TAI);
