//! Clocks and timers. Their structures are the host's.

use super::syscalls;

syscalls! { ROWS;
    101 nanosleep(time: Time, rest: Ptr) Full { wait SYS_nanosleep }
    102 getitimer(which: Int, value: Ptr) Full { pass SYS_getitimer }
    103 setitimer(which: Int, new: Ptr, old: Ptr) Full { pass SYS_setitimer }
    107 timer_create(clock: Clock, event: Ptr, id: Ptr) Full { pass SYS_timer_create }
    108 timer_gettime(id: Int, value: Ptr) Full { pass SYS_timer_gettime }
    109 timer_getoverrun(id: Int) Full { pass SYS_timer_getoverrun }
    110 timer_settime(id: Int, flags: Hex, new: Ptr, old: Ptr) Full { pass SYS_timer_settime }
    111 timer_delete(id: Int) Full { pass SYS_timer_delete }
    112 clock_settime(clock: Clock, time: Time) Full { pass SYS_clock_settime }
    113 clock_gettime(clock: Clock, time: Ptr) Full { pass SYS_clock_gettime }
    114 clock_getres(clock: Clock, time: Ptr) Full { pass SYS_clock_getres }
    115 clock_nanosleep(clock: Clock, flags: Hex, time: Time, rest: Ptr) Full { wait SYS_clock_nanosleep }
    153 times(buf: Ptr) Full { pass SYS_times }
    169 gettimeofday(time: Ptr, zone: Ptr) Full { pass SYS_gettimeofday }
    170 settimeofday(time: Time, zone: Ptr) Full { pass SYS_settimeofday }
    171 adjtimex(buf: Ptr) Full { pass SYS_adjtimex }
    266 clock_adjtime(clock: Clock, buf: Ptr) Full { pass SYS_clock_adjtime }
}
