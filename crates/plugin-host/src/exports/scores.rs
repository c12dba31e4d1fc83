//! Scoreboards (contract, section 4.4). Callbacks use these functions all the time, so they take no lock.

use crate::current;
use crate::fail::misuse;
use crate::host::host;
use engine::{Board, Element};
use plugin_abi::{Scoreboard, U64};
use std::ffi::{c_uint, c_void};

/// A board's handle is its number plus 1, in units of this: no address, and never NULL.
const UNIT: usize = 16;

fn handle(board: Board) -> *mut Scoreboard {
    ((board.0 as usize + 1) * UNIT) as *mut Scoreboard
}

/// The number that stands in a handle, if it is one; there need not be such a board.
#[inline(always)]
fn number(score: *const Scoreboard) -> Option<usize> {
    let raw = score as usize;
    raw.is_multiple_of(UNIT).then_some((raw / UNIT).wrapping_sub(1))
}

/// The board that a handle means.
pub fn board(score: *const Scoreboard, function: &'static str) -> Board {
    match number(score).and_then(|n| u32::try_from(n).ok()).map(Board) {
        Some(board) if host().engine.has_board(board) => board,
        _ => misuse(function, &format!("{score:p} is not a scoreboard; it was never made, or was freed")),
    }
}

/// The board of a counter, which lies in its elements.
pub fn counter_board(entry: U64, function: &'static str) -> Board {
    let board = board(entry.score, function);
    within(board, entry, function);
    board
}

/// A counter lies in an element, or the run ends.
#[inline]
fn within(board: Board, entry: U64, function: &'static str) {
    let len = host().engine.element_len(board);
    if len < size_of::<u64>() || entry.offset > len - size_of::<u64>() {
        outside(entry, len, function);
    }
}

#[cold]
fn outside(entry: U64, len: usize, function: &'static str) -> ! {
    let at = entry.offset;
    misuse(function, &format!("a counter at byte {at} does not lie in an element of {len} bytes"));
}

/// The address of a vCPU's element, or nothing if the board was never used.
fn element(score: *const Scoreboard, index: c_uint, function: &'static str) -> (Board, Option<usize>) {
    let count = host().num_vcpus();
    let board = number(score).and_then(|n| u32::try_from(n).ok()).map(Board);
    let found = board.and_then(|board| Some((board, host().engine.look_up(board, index).ok()?)));
    found.filter(|_| index < count).unwrap_or_else(|| wrong_element(score, index, count, function))
}

#[cold]
fn wrong_element(score: *const Scoreboard, index: c_uint, count: u32, function: &'static str) -> ! {
    board(score, function);
    misuse(function, &format!("there is no vCPU {index}; they are numbered from 0, and {count} have begun"));
}

/// The calling vCPU's own element, if it takes no more than a look: what callbacks want nearly always.
#[inline(always)]
fn own_element(score: *const Scoreboard, index: c_uint) -> Option<Element> {
    let seat = current::seat().filter(|seat| seat.index() == index)?;
    host().engine.element_of(number(score)?, seat)
}

/// The same of a counter that lies in it and whose word is its value.
#[inline(always)]
fn own_word(entry: U64, index: c_uint) -> Option<*mut u64> {
    let element = own_element(entry.score, index)?;
    let most = element.len.checked_sub(size_of::<u64>())?;
    let inside = !host().engine.counts_apart() && entry.offset <= most;
    inside.then(|| (element.address + entry.offset) as *mut u64)
}

/// The address of a vCPU's counter, for writing.
#[cold]
fn counter(entry: U64, index: c_uint, function: &'static str) -> *mut u64 {
    let (board, address) = element(entry.score, index, function);
    within(board, entry, function);
    let engine = &host().engine;
    let bound = || {
        // As for a counter of generated code, which may come later and would rather have it there.
        engine.cell(board, entry.offset);
        engine.peek_element(board, index).unwrap_or_else(|| engine.element(board, index, current::seat()))
    };
    (address.unwrap_or_else(bound) + entry.offset) as *mut u64
}

/// The board of a counter that was found to be one.
fn board_of(entry: U64) -> Board {
    Board(number(entry.score).unwrap_or_default() as u32)
}

/// The value of a vCPU's counter in its element at this address.
fn value(entry: U64, index: c_uint, element: usize) -> u64 {
    let word = || read(element + entry.offset);
    host().engine.value(board_of(entry), entry.offset, index, current::seat(), word)
}

/// The engine learns that a counter was written.
fn written(entry: U64, index: c_uint) {
    host().engine.written(board_of(entry), entry.offset, index, current::seat());
}

fn read(address: usize) -> u64 {
    // SAFETY: by the interface the counter lies in the element, whose memory lives as long as the board; it may be
    // misaligned.
    unsafe { (address as *const u64).read_unaligned() }
}

/// Elements are not larger; each vCPU has one.
const LARGEST: usize = 16 << 20;

/// `qemu_plugin_scoreboard_new`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_scoreboard_new(element_size: usize) -> *mut Scoreboard {
    if element_size > LARGEST {
        let what = format!("an element of {element_size} bytes is too large; {LARGEST} bytes are the most");
        misuse("qemu_plugin_scoreboard_new", &what);
    }
    let engine = &host().engine;
    // One that knows elements by their addresses finds them where it expects them.
    let finds = current::current().is_none_or(|c| c.plugin.abilities.finds_elements);
    handle(if finds { engine.new_array(element_size) } else { engine.new_board(element_size) })
}

/// `qemu_plugin_scoreboard_free`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_scoreboard_free(score: *mut Scoreboard) {
    host().engine.free_board(board(score, "qemu_plugin_scoreboard_free"));
}

/// `qemu_plugin_scoreboard_find`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_scoreboard_find(score: *mut Scoreboard, vcpu_index: c_uint) -> *mut c_void {
    if let Some(own) = own_element(score, vcpu_index).filter(|e| e.plain) {
        return own.address as *mut c_void;
    }
    let (board, _) = element(score, vcpu_index, "qemu_plugin_scoreboard_find");
    host().engine.element(board, vcpu_index, current::seat()) as *mut c_void
}

/// `qemu_plugin_u64_add`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_u64_add(entry: U64, vcpu_index: c_uint, added: u64) {
    match own_word(entry, vcpu_index) {
        Some(at) => add(at, added),
        None => add_anywhere(entry, vcpu_index, added),
    }
}

fn add(at: *mut u64, added: u64) {
    // SAFETY: as in `read`.
    unsafe { at.write_unaligned(at.read_unaligned().wrapping_add(added)) }
}

/// Like the next two a C function, which does not unwind: so it is jumped to, and the quick way saves no register.
#[cold]
extern "C" fn add_anywhere(entry: U64, index: c_uint, added: u64) {
    add(counter(entry, index, "qemu_plugin_u64_add"), added);
    written(entry, index);
}

/// `qemu_plugin_u64_get`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_u64_get(entry: U64, vcpu_index: c_uint) -> u64 {
    match own_word(entry, vcpu_index) {
        Some(at) => read(at as usize),
        None => value_anywhere(entry, vcpu_index),
    }
}

#[cold]
extern "C" fn value_anywhere(entry: U64, index: c_uint) -> u64 {
    let (board, address) = element(entry.score, index, "qemu_plugin_u64_get");
    within(board, entry, "qemu_plugin_u64_get");
    address.map_or(0, |a| value(entry, index, a))
}

/// `qemu_plugin_u64_set`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_u64_set(entry: U64, vcpu_index: c_uint, val: u64) {
    match own_word(entry, vcpu_index) {
        Some(at) => write(at, val),
        None => set_anywhere(entry, vcpu_index, val),
    }
}

fn write(at: *mut u64, value: u64) {
    // SAFETY: as in `read`.
    unsafe { at.write_unaligned(value) }
}

#[cold]
extern "C" fn set_anywhere(entry: U64, index: c_uint, value: u64) {
    let at = counter(entry, index, "qemu_plugin_u64_set");
    let due = host().engine.due(board_of(entry), entry.offset, index, current::seat());
    write(at, value.wrapping_sub(due));
    written(entry, index);
}

/// `qemu_plugin_u64_sum`: wrapping, of all vCPUs that ever began.
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_u64_sum(entry: U64) -> u64 {
    let board = counter_board(entry, "qemu_plugin_u64_sum");
    let value = |i| Some(value(entry, i, host().engine.peek_element(board, i)?));
    (0..host().num_vcpus()).filter_map(value).fold(0, u64::wrapping_add)
}
