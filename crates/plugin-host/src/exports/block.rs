//! Blocks and their instructions: what they are, and what is to happen when they run.

use super::scores;
use crate::callee;
use crate::current::{self, Allowed, Current, Kind};
use crate::fail::misuse;
use crate::host::host;
use crate::shown;
use engine::instrument::{Accesses, Action, Site};
use ir::{Call, Cell, Compare, Registers, When};
use plugin_abi::{CbFlags, Cond, InlineOp, Insn, MemCb, MemRw, Tb, U64, Userdata, V6, VcpuUdataCb};
use std::ffi::{c_char, c_int, c_void};

/// `qemu_plugin_tb_n_insns`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_tb_n_insns(tb: *const Tb) -> usize {
    shown::block(tb, "qemu_plugin_tb_n_insns").1
}

/// `qemu_plugin_tb_vaddr`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_tb_vaddr(tb: *const Tb) -> u64 {
    shown::block(tb, "qemu_plugin_tb_vaddr").0
}

/// `qemu_plugin_tb_get_insn`: null behind the last.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_tb_get_insn(tb: *const Tb, idx: usize) -> *mut Insn {
    shown::nth(tb, idx, "qemu_plugin_tb_get_insn").unwrap_or(std::ptr::null_mut())
}

/// `qemu_plugin_insn_data`: copies at most `len` bytes; returns how many.
///
/// # Safety
/// `dest` has room for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn qemu_plugin_insn_data(insn: *const Insn, dest: *mut c_void, len: usize) -> usize {
    let (_, view) = shown::insn(insn, "qemu_plugin_insn_data");
    let bytes = view.raw.to_le_bytes();
    let count = len.min(view.len as usize).min(bytes.len());
    if dest.is_null() && count > 0 {
        misuse("qemu_plugin_insn_data", "the destination is NULL");
    }
    // SAFETY: promised by the caller; an instruction has no more bytes than the array.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), dest.cast(), count) };
    count
}

/// `qemu_plugin_insn_size`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_insn_size(insn: *const Insn) -> usize {
    shown::insn(insn, "qemu_plugin_insn_size").1.len as usize
}

/// `qemu_plugin_insn_vaddr`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_insn_vaddr(insn: *const Insn) -> u64 {
    shown::insn(insn, "qemu_plugin_insn_vaddr").1.pc
}

/// `qemu_plugin_insn_haddr`: guest addresses are host addresses.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_insn_haddr(insn: *const Insn) -> *mut c_void {
    shown::insn(insn, "qemu_plugin_insn_haddr").1.pc as *mut c_void
}

/// `qemu_plugin_insn_disas`: a string that the plugin frees with `g_free`, which is `free`.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_insn_disas(insn: *const Insn) -> *mut c_char {
    let (_, view) = shown::insn(insn, "qemu_plugin_insn_disas");
    let guest = host().engine.guest();
    let mut text = String::new();
    guest.text(view.pc, guest.decode(view.raw).as_ref(), view.raw, &mut text);
    text.push('\0');
    // SAFETY: the text ends with a zero byte.
    let copy = unsafe { libc::strdup(text.as_ptr().cast()) };
    if copy.is_null() {
        misuse("qemu_plugin_insn_disas", "out of memory");
    }
    copy
}

/// `qemu_plugin_insn_symbol`: null if nothing is known.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_insn_symbol(insn: *const Insn) -> *const c_char {
    let (_, view) = shown::insn(insn, "qemu_plugin_insn_symbol");
    let symbol = (host().setup.symbols)(view.pc);
    symbol.map_or(std::ptr::null(), |name| name.as_ptr())
}

/// A registration as it arrives, with the function's name for messages.
#[derive(Clone, Copy)]
struct Request {
    function: &'static str,
    site: Site,
}

fn on_block(tb: *const Tb, function: &'static str) -> Request {
    shown::block(tb, function);
    Request { function, site: Site::Block }
}

fn on_insn(insn: *const Insn, function: &'static str) -> Request {
    let (n, _) = shown::insn(insn, function);
    Request { function, site: Site::Insn(n) }
}

/// `None`: no access is meant.
fn on_access(insn: *const Insn, rw: c_int, function: &'static str) -> Option<Request> {
    let (n, _) = shown::insn(insn, function);
    if !(0..=3).contains(&rw) {
        misuse(function, &format!("{rw} is no value of enum qemu_plugin_mem_rw"));
    }
    let rw = MemRw::from_raw(rw)?;
    Some(Request { function, site: Site::Access(n, Accesses { reads: rw.reads(), writes: rw.writes() }) })
}

impl Request {
    fn kind(self) -> Kind {
        match self.site {
            Site::Block => Kind::Block,
            Site::Insn(_) => Kind::Insn,
            Site::Access(..) => Kind::Access,
        }
    }

    fn cell_to_add(self, entry: U64, n: u64) -> Cell {
        let board = scores::counter_board(entry, self.function);
        host().engine.cell_to_add(board, entry.offset, n, current::seat())
    }

    /// A cell whose value has to be in its place.
    fn exact_cell(self, entry: U64) -> Cell {
        let board = scores::counter_board(entry, self.function);
        host().engine.exact_cell(board, entry.offset, current::seat())
    }

    fn inline(self, op: c_int, entry: U64, imm: u64) {
        let action = match InlineOp::from_raw(op) {
            Some(InlineOp::AddU64) => Action::Add(self.cell_to_add(entry, imm), imm),
            Some(InlineOp::StoreU64) => Action::Store(self.exact_cell(entry), imm),
            None => misuse(self.function, &format!("{op} is no value of enum qemu_plugin_op")),
        };
        shown::add(self.site, action);
    }

    fn call(self, callback: usize, flags: c_int, when: Option<When>, userdata: Userdata) {
        if callback == 0 {
            misuse(self.function, "the callback is NULL");
        }
        let Some(Current { plugin, .. }) = current::current() else {
            misuse(self.function, "not called from a translation callback");
        };
        let (registers, allowed) = match CbFlags::from_raw(flags) {
            Some(CbFlags::NoRegs) => (Registers::None, Allowed::Nothing),
            Some(CbFlags::RRegs) => (Registers::Read, Allowed::Read),
            Some(CbFlags::RwRegs) if plugin.version < V6 => (Registers::Write, Allowed::Write),
            Some(CbFlags::RwRegs) => (Registers::Write, Allowed::WritePc),
            Some(CbFlags::RwRegsPc) if plugin.version >= V6 => (Registers::Write, Allowed::WritePc),
            _ => misuse(
                self.function,
                &format!("{flags} is no value of enum qemu_plugin_cb_flags in version {}", plugin.version),
            ),
        };
        let callee = callee::inspect(callback);
        if let (Some(counter), None) = (callee.counter, when) {
            return shown::add(self.site, Action::Add(Cell::at(counter.address), counter.adds));
        }
        let call = Call {
            function: callback as u64,
            data: userdata as u64,
            registers,
            when,
            callee,
            tag: Current::tag(plugin, self.kind(), allowed),
        };
        shown::add(self.site, Action::Call(call));
    }

    fn conditional(self, callback: usize, flags: c_int, cond: c_int, entry: U64, imm: u64, userdata: Userdata) {
        let compare = match Cond::from_raw(cond) {
            Some(Cond::Never) => return,
            Some(Cond::Always) => return self.call(callback, flags, None, userdata),
            Some(Cond::Eq) => Compare::Eq,
            Some(Cond::Ne) => Compare::Ne,
            Some(Cond::Lt) => Compare::Lt,
            Some(Cond::Le) => Compare::Le,
            Some(Cond::Gt) => Compare::Gt,
            Some(Cond::Ge) => Compare::Ge,
            None => misuse(self.function, &format!("{cond} is no value of enum qemu_plugin_cond")),
        };
        let board = scores::counter_board(entry, self.function);
        let cell = host().engine.condition_cell(board, entry.offset, (compare, imm), current::seat());
        self.call(callback, flags, Some(When::new(cell, compare, imm)), userdata);
    }
}

fn address(cb: Option<VcpuUdataCb>) -> usize {
    cb.map_or(0, |f| f as usize)
}

/// `qemu_plugin_register_vcpu_tb_exec_cb`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_tb_exec_cb(
    tb: *mut Tb,
    cb: Option<VcpuUdataCb>,
    flags: c_int,
    userdata: Userdata,
) {
    on_block(tb, "qemu_plugin_register_vcpu_tb_exec_cb").call(address(cb), flags, None, userdata);
}

/// `qemu_plugin_register_vcpu_tb_exec_cond_cb`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_tb_exec_cond_cb(
    tb: *mut Tb,
    cb: Option<VcpuUdataCb>,
    flags: c_int,
    cond: c_int,
    entry: U64,
    imm: u64,
    userdata: Userdata,
) {
    let request = on_block(tb, "qemu_plugin_register_vcpu_tb_exec_cond_cb");
    request.conditional(address(cb), flags, cond, entry, imm, userdata);
}

/// `qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb: *mut Tb, op: c_int, entry: U64, imm: u64) {
    on_block(tb, "qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu").inline(op, entry, imm);
}

/// `qemu_plugin_register_vcpu_insn_exec_cb`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_insn_exec_cb(
    insn: *mut Insn,
    cb: Option<VcpuUdataCb>,
    flags: c_int,
    userdata: Userdata,
) {
    on_insn(insn, "qemu_plugin_register_vcpu_insn_exec_cb").call(address(cb), flags, None, userdata);
}

/// `qemu_plugin_register_vcpu_insn_exec_cond_cb`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_insn_exec_cond_cb(
    insn: *mut Insn,
    cb: Option<VcpuUdataCb>,
    flags: c_int,
    cond: c_int,
    entry: U64,
    imm: u64,
    userdata: Userdata,
) {
    let request = on_insn(insn, "qemu_plugin_register_vcpu_insn_exec_cond_cb");
    request.conditional(address(cb), flags, cond, entry, imm, userdata);
}

/// `qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
    insn: *mut Insn,
    op: c_int,
    entry: U64,
    imm: u64,
) {
    on_insn(insn, "qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu").inline(op, entry, imm);
}

/// `qemu_plugin_register_vcpu_mem_cb`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_mem_cb(
    insn: *mut Insn,
    cb: Option<MemCb>,
    flags: c_int,
    rw: c_int,
    userdata: Userdata,
) {
    if let Some(request) = on_access(insn, rw, "qemu_plugin_register_vcpu_mem_cb") {
        request.call(cb.map_or(0, |f| f as usize), flags, None, userdata);
    }
}

/// `qemu_plugin_register_vcpu_mem_inline_per_vcpu`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_register_vcpu_mem_inline_per_vcpu(
    insn: *mut Insn,
    rw: c_int,
    op: c_int,
    entry: U64,
    imm: u64,
) {
    if let Some(request) = on_access(insn, rw, "qemu_plugin_register_vcpu_mem_inline_per_vcpu") {
        request.inline(op, entry, imm);
    }
}
