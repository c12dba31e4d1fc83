//! Mapping segments into guest memory, and laying out the address space as Linux does on RISC-V.

use super::elf::{Elf, Segment};
use super::error::{LoadError, Problem};
use super::find::{Found, Object};
use super::{Facts, Image, Loaded, present, stack, vdso};
use crate::options::Options;
use bits::{PAGE, page_of, page_up};
use memory::space::USUAL_END;
use memory::{AddressSpace, Errno, Layout, MapRequest, Prot, Role, guarded};
use std::os::fd::AsRawFd;

/// Where movable programs go: two thirds of the usual address space, as Linux does.
const MOVABLE_BASE: u64 = (USUAL_END / 3 * 2) & !(PAGE - 1);

/// Between the stack's lowest address and the mappings.
const STACK_GUARD: u64 = 256 * PAGE;

const STACK_TOP: u64 = USUAL_END - PAGE;

const SMALLEST_STACK: u64 = 128 << 10;
const LARGEST_STACK: u64 = 1 << 30;

const RW: Prot = Prot { read: true, write: true, exec: false };

/// Maps everything and makes the first stack.
pub fn load(memory: &AddressSpace, options: &Options, found: Found) -> Result<Loaded, LoadError> {
    let named = &options.program;
    let fail = |problem| LoadError::new(named, problem);
    let no_memory = |e: Errno| fail(Problem::NoMemory(e.0));

    let stack_size = stack_size(options);
    let stack_low = STACK_TOP - stack_size;
    memory.set_layout(Layout { map_top: stack_low - STACK_GUARD, heap: 0 });
    let stack_prot = Prot { exec: found.program.elf.executable_stack, ..RW };
    anonymous(memory, stack_low, stack_size, stack_prot, Role::Stack).map_err(no_memory)?;

    let elf = &found.program.elf;
    let base = base(memory, elf, found.interpreter.is_some()).map_err(fail)?;
    object(memory, &found.program, base, Role::Program).map_err(fail)?;
    let (start, end) = elf.span();
    let above_heap = elf.movable && found.interpreter.is_none();
    let heap = if above_heap { MOVABLE_BASE } else { page_up(base + end) };
    memory.set_layout(Layout { map_top: stack_low - STACK_GUARD, heap });

    let mut entry = base.wrapping_add(elf.entry);
    let program_entry = entry;
    let mut interpreter_base = 0;
    if let Some(interpreter) = &found.interpreter {
        interpreter_base = self::base(memory, &interpreter.elf, false).map_err(fail)?;
        object(memory, interpreter, interpreter_base, Role::Plain).map_err(fail)?;
        entry = interpreter_base.wrapping_add(interpreter.elf.entry);
    }
    let vdso = vdso::map(memory).map_err(no_memory)?;
    let facts = stack::Facts {
        vdso: vdso.start,
        headers: base.wrapping_add(elf.headers),
        header_count: elf.header_count,
        base: interpreter_base,
        entry: program_entry,
        hwcap: options.cpu.hwcap,
        seed: options.seed,
    };
    let words = stack::Words { argv: &found.argv, env: &options.env, exec_name: &found.exec_name };
    let made = stack::make(STACK_TOP, stack_size, &words, &facts).map_err(fail)?;
    let exe = std::fs::canonicalize(&found.program.path).unwrap_or_else(|_| found.program.path.clone());
    let image = Image {
        exe,
        identity: found.program.identity,
        args: made.args,
        env: made.env,
        auxv: made.auxv,
        code: (base + start, base + end),
        stack: made.pointer,
        sigreturn: vdso.sigreturn,
    };
    present::as_guest(&image, named);
    let observed = Facts { path: found.named, code: code(elf, base), entry };
    Ok(Loaded { entry, stack: made.pointer, sysroot: found.sysroot, image, facts: observed })
}

/// The lowest address of executable segments, and the end of what the file has of them.
fn code(elf: &Elf, base: u64) -> (u64, u64) {
    let segments = || elf.segments.iter().filter(|s| s.prot.exec);
    let start = segments().map(|s| base.wrapping_add(s.addr)).min();
    let end = segments().map(|s| base.wrapping_add(s.addr + s.file_size)).max();
    (start.unwrap_or_default(), end.unwrap_or_default())
}

fn stack_size(options: &Options) -> u64 {
    let mut limit = [0u64; 2];
    let args = [libc::RLIMIT_STACK as u64, limit.as_mut_ptr() as u64, 0, 0, 0, 0];
    hostos::call::raw(libc::SYS_getrlimit, args);
    page_up(options.stack_size.unwrap_or(limit[0]).clamp(SMALLEST_STACK, LARGEST_STACK))
}

/// What is to be added to the addresses of an object.
fn base(memory: &AddressSpace, elf: &Elf, has_interpreter: bool) -> Result<u64, Problem> {
    if !elf.movable {
        return Ok(0);
    }
    let (start, end) = elf.span();
    let first = page_of(start);
    if has_interpreter && end <= USUAL_END - MOVABLE_BASE {
        return Ok(MOVABLE_BASE - first);
    }
    // A place that is large enough; it is mapped over at once.
    let len = page_up(end) - first;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let request = MapRequest { addr: 0, len, prot: Prot::default(), flags, fd: -1, offset: 0, role: Role::Plain };
    let place = memory.map(&request).map_err(|e| Problem::NoMemory(e.0))?.value;
    memory.unmap(place, len).map_err(|e| Problem::NoMemory(e.0))?;
    Ok(place - first)
}

fn anonymous(memory: &AddressSpace, addr: u64, len: u64, prot: Prot, role: Role) -> Result<(), Errno> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | libc::MAP_NORESERVE;
    memory.map(&MapRequest { addr, len, prot, flags, fd: -1, offset: 0, role }).map(|_| ())
}

fn object(memory: &AddressSpace, object: &Object, base: u64, role: Role) -> Result<(), Problem> {
    object
        .elf
        .segments
        .iter()
        .try_for_each(|s| segment(memory, object, base, s, role).map_err(|e| Problem::NoMemory(e.0)))
}

fn segment(memory: &AddressSpace, object: &Object, base: u64, s: &Segment, role: Role) -> Result<(), Errno> {
    let addr = base + s.addr;
    let (start, end) = (page_of(addr), page_up(addr + s.size));
    let file_end = addr + s.file_size;
    let mut mapped = start;
    if s.file_size > 0 {
        mapped = page_up(file_end);
        memory.map(&MapRequest {
            addr: start,
            len: mapped - start,
            prot: s.prot,
            flags: libc::MAP_PRIVATE | libc::MAP_FIXED,
            fd: object.file.as_raw_fd(),
            offset: page_of(s.offset),
            role,
        })?;
        if s.size > s.file_size && s.prot.write {
            // What the file has behind the segment must not be seen.
            guarded::zero(file_end, (mapped - file_end) as usize).map_err(|_| Errno(libc::EFAULT))?;
        }
    }
    if end > mapped { anonymous(memory, mapped, end - mapped, s.prot, Role::Plain) } else { Ok(()) }
}
