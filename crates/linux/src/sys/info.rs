//! What the system says about itself, scheduling, and the calls that RISC-V alone has.

use super::{pass, syscalls};
use crate::abi;
use crate::errno::{SysResult, code, fault, from_raw};
use crate::task::Thread;
use memory::guarded;

syscalls! { ROWS;
    30 ioprio_set(which: Int, who: Int, priority: Int) Full { pass SYS_ioprio_set }
    31 ioprio_get(which: Int, who: Int) Full { pass SYS_ioprio_get }
    92 personality(persona: Hex) Part "READ_IMPLIES_EXEC is ignored" { |_t| {
        const READ_IMPLIES_EXEC: u64 = 0x0040_0000;
        let wanted = if persona.0 as u32 == u32::MAX { persona.0 } else { persona.0 & !READ_IMPLIES_EXEC };
        pass(libc::SYS_personality, &[wanted, 0, 0, 0, 0, 0])
    } }
    116 syslog(action: Int, buf: Ptr, len: Int) Full { pass SYS_syslog }
    118 sched_setparam(pid: Int, param: Ptr) Full { pass SYS_sched_setparam }
    119 sched_setscheduler(pid: Int, policy: Int, param: Ptr) Full { pass SYS_sched_setscheduler }
    120 sched_getscheduler(pid: Int) Full { pass SYS_sched_getscheduler }
    121 sched_getparam(pid: Int, param: Ptr) Full { pass SYS_sched_getparam }
    122 sched_setaffinity(pid: Int, size: Size, mask: Ptr) Full { pass SYS_sched_setaffinity }
    123 sched_getaffinity(pid: Int, size: Size, mask: Ptr) Full { pass SYS_sched_getaffinity }
    124 sched_yield() Full { pass SYS_sched_yield }
    125 sched_get_priority_max(policy: Int) Full { pass SYS_sched_get_priority_max }
    126 sched_get_priority_min(policy: Int) Full { pass SYS_sched_get_priority_min }
    127 sched_rr_get_interval(pid: Int, time: Ptr) Full { pass SYS_sched_rr_get_interval }
    160 uname(buf: Ptr) Full { |t| uname(t, buf.0) }
    161 sethostname(name: Ptr, len: Size) Full { pass SYS_sethostname }
    162 setdomainname(name: Ptr, len: Size) Full { pass SYS_setdomainname }
    165 getrusage(who: Int, usage: Ptr) Full { pass SYS_getrusage }
    168 getcpu(cpu: Ptr, node: Ptr, unused: Ptr) Full { pass SYS_getcpu }
    179 sysinfo(info: Ptr) Full { pass SYS_sysinfo }
    258 riscv_hwprobe(pairs: Ptr, count: Size, cpu_bytes: Size, cpus: Ptr, flags: Hex) Full {
        |t| hwprobe(t, pairs.0, count.0, cpu_bytes.0, cpus.0, flags.0)
    }
    259 riscv_flush_icache(start: Addr, end: Addr, flags: Hex) Full { |t| {
        let _ = (start, end);
        if flags.0 & !1 != 0 {
            return Err(code::EINVAL);
        }
        let engine = t.process.engine.clone();
        engine.sync_code(&mut t.vcpu);
        Ok(0)
    } }
    274 sched_setattr(pid: Int, attributes: Ptr, flags: Hex) Full { pass SYS_sched_setattr }
    275 sched_getattr(pid: Int, attributes: Ptr, size: Size, flags: Hex) Full { pass SYS_sched_getattr }
    278 getrandom(buf: Ptr, len: Size, flags: Hex) Full { block SYS_getrandom }
}

/// Bytes of a string in `struct utsname`; there are six.
const NAME: usize = 65;

/// The host's names, but for the machine (and the release, if the user wants another).
fn uname(t: &mut Thread, buf: u64) -> SysResult {
    let mut names = [0u8; 6 * NAME];
    from_raw(hostos::call::raw(libc::SYS_uname, [names.as_mut_ptr() as u64, 0, 0, 0, 0, 0]))?;
    let mut put = |index: usize, text: &str| {
        let field = &mut names[index * NAME..(index + 1) * NAME];
        let len = text.len().min(NAME - 1);
        field.fill(0);
        field[..len].copy_from_slice(&text.as_bytes()[..len]);
    };
    put(4, abi::UNAME_MACHINE);
    if let Some(release) = &t.process.options.release {
        put(2, release);
    }
    fault(guarded::write(buf, &names))?;
    Ok(0)
}

/// Fills in the values of the keys that are asked for. All CPUs are alike.
fn hwprobe(t: &mut Thread, pairs: u64, count: u64, cpu_bytes: u64, cpus: u64, flags: u64) -> SysResult {
    const WHICH_CPUS: u64 = 1;
    if flags & !WHICH_CPUS != 0 {
        return Err(code::EINVAL);
    }
    if flags == WHICH_CPUS {
        return which_cpus(t, pairs, count, cpu_bytes, cpus);
    }
    if cpus == 0 && cpu_bytes != 0 {
        return Err(code::EINVAL);
    }
    for i in 0..count {
        let at = pairs.wrapping_add(i * 16);
        let [key, _] = fault(guarded::load::<[i64; 2]>(at))?;
        fault(guarded::store(at, answer(t, key)))?;
    }
    Ok(0)
}

/// Key and value, or -1 and 0 for a key that nobody knows.
fn answer(t: &Thread, key: i64) -> [i64; 2] {
    let known = t.process.options.cpu.hwprobe.iter().find(|p| p.0 == key);
    known.map_or([-1, 0], |p| [p.0, p.1 as i64])
}

/// Clears the set of CPUs unless all values are as they are here.
fn which_cpus(t: &mut Thread, pairs: u64, count: u64, cpu_bytes: u64, cpus: u64) -> SysResult {
    if cpus == 0 || cpu_bytes == 0 {
        return Err(code::EINVAL);
    }
    let len = (cpu_bytes as usize).min(128);
    let mut set = fault(guarded::load_vec::<u8>(cpus, len))?;
    if set.iter().all(|&b| b == 0) {
        let got = pass(libc::SYS_sched_getaffinity, &[0, len as u64, set.as_mut_ptr() as u64, 0, 0, 0])?;
        set[got as usize..].fill(0);
    }
    for i in 0..count {
        let at = pairs.wrapping_add(i * 16);
        let asked = fault(guarded::load::<[i64; 2]>(at))?;
        let have = answer(t, asked[0]);
        // Bit sets (keys 3 and 4) need only be contained; everything else must be equal.
        let fits = if matches!(asked[0], 3 | 4) { have[1] & asked[1] == asked[1] } else { have[1] == asked[1] };
        if have[0] == -1 {
            fault(guarded::store(at, have))?;
        }
        if have[0] == -1 || !fits {
            set.fill(0);
        }
    }
    fault(guarded::write(cpus, &set))?;
    Ok(0)
}
