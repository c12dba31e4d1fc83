//! Who the process is: ids, groups, sessions, capabilities.

use super::syscalls;

syscalls! { ROWS;
    90 capget(header: Ptr, data: Ptr) Full { pass SYS_capget }
    91 capset(header: Ptr, data: Ptr) Full { pass SYS_capset }
    140 setpriority(which: Int, who: Int, priority: Int) Full { pass SYS_setpriority }
    141 getpriority(which: Int, who: Int) Full { pass SYS_getpriority }
    143 setregid(real: Int, effective: Int) Full { pass SYS_setregid }
    144 setgid(id: Int) Full { pass SYS_setgid }
    145 setreuid(real: Int, effective: Int) Full { pass SYS_setreuid }
    146 setuid(id: Int) Full { pass SYS_setuid }
    147 setresuid(real: Int, effective: Int, saved: Int) Full { pass SYS_setresuid }
    148 getresuid(real: Ptr, effective: Ptr, saved: Ptr) Full { pass SYS_getresuid }
    149 setresgid(real: Int, effective: Int, saved: Int) Full { pass SYS_setresgid }
    150 getresgid(real: Ptr, effective: Ptr, saved: Ptr) Full { pass SYS_getresgid }
    151 setfsuid(id: Int) Full { pass SYS_setfsuid }
    152 setfsgid(id: Int) Full { pass SYS_setfsgid }
    154 setpgid(pid: Int, group: Int) Full { pass SYS_setpgid }
    155 getpgid(pid: Int) Full { pass SYS_getpgid }
    156 getsid(pid: Int) Full { pass SYS_getsid }
    157 setsid() Full { pass SYS_setsid }
    158 getgroups(count: Int, list: Ptr) Full { pass SYS_getgroups }
    159 setgroups(count: Int, list: Ptr) Full { pass SYS_setgroups }
    172 getpid() Full { pass SYS_getpid }
    173 getppid() Full { pass SYS_getppid }
    174 getuid() Full { pass SYS_getuid }
    175 geteuid() Full { pass SYS_geteuid }
    176 getgid() Full { pass SYS_getgid }
    177 getegid() Full { pass SYS_getegid }
    178 gettid() Full { pass SYS_gettid }
    444 landlock_create_ruleset(attributes: Ptr, size: Size, flags: Hex) Full { pass SYS_landlock_create_ruleset }
    445 landlock_add_rule(ruleset: Fd, kind: Int, attributes: Ptr, flags: Hex) Full { pass SYS_landlock_add_rule }
    446 landlock_restrict_self(ruleset: Fd, flags: Hex) Full { pass SYS_landlock_restrict_self }
}
