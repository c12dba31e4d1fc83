//! Scoreboards (contract, section 4.4). Callbacks use these functions all the time, so they take no lock.

use crate::current;
use crate::fail::misuse;
use crate::host::host;
use engine::{Board, Element, Seat};
use plugin_abi::{Scoreboard, U64};
use std::cell::Cell;
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

/// The board of that number.
fn named(score: *const Scoreboard) -> Option<Board> {
    number(score).and_then(|n| u32::try_from(n).ok()).map(Board)
}

/// The board that a handle means.
pub fn board(score: *const Scoreboard, function: &'static str) -> Board {
    match named(score) {
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
    let found = named(score).and_then(|board| Some((board, host().engine.look_up(board, index).ok()?)));
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

/// Where a thread last found its own element of a board whose words are what its counters are.
#[derive(Clone, Copy)]
struct Found {
    score: usize,
    index: c_uint,
    seat: Option<&'static Seat>,
    /// Of the engine's boards; 0: nothing was found.
    generation: u64,
    address: usize,
    /// The last byte at which a counter can begin.
    last: usize,
}

/// Boards of which threads know that.
const KNOWN: usize = 8;

impl Found {
    const NOTHING: Found = Found { score: 0, index: 0, seat: None, generation: 0, address: 0, last: 0 };
}

thread_local! {
    static FOUND: [Cell<Found>; KNOWN] = const { [const { Cell::new(Found::NOTHING) }; KNOWN] };
}

fn known(score: usize) -> usize {
    score / UNIT % KNOWN
}

/// The counter of the calling vCPU itself if its board is known.
#[inline(always)]
fn quick_word(entry: U64, index: c_uint) -> Option<*mut u64> {
    let score = entry.score as usize;
    let found = FOUND.with(|all| all[known(score)].get());
    let seat = |s: Option<&'static Seat>| s.map_or(std::ptr::null(), std::ptr::from_ref);
    let same = found.score == score && found.index == index && seat(found.seat) == seat(current::seat());
    let holds = same && found.generation == engine::boards_generation() && entry.offset <= found.last;
    holds.then(|| (found.address + entry.offset) as *mut u64)
}

/// The same whether it is known or not.
fn own_word(entry: U64, index: c_uint) -> Option<*mut u64> {
    let generation = engine::boards_generation();
    let element = own_element(entry.score, index)?;
    let last = element.len.checked_sub(size_of::<u64>())?;
    if host().engine.counts_apart() || entry.offset > last {
        return None;
    }
    let (score, address) = (entry.score as usize, element.address);
    let found = Found { score, index, seat: current::seat(), generation, address, last };
    FOUND.with(|all| all[known(score)].set(found));
    Some((address + entry.offset) as *mut u64)
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
    match quick_word(entry, vcpu_index) {
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
    if let Some(at) = own_word(entry, index) {
        return add(at, added);
    }
    add(counter(entry, index, "qemu_plugin_u64_add"), added);
    written(entry, index);
}

/// `qemu_plugin_u64_get`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_u64_get(entry: U64, vcpu_index: c_uint) -> u64 {
    match quick_word(entry, vcpu_index) {
        Some(at) => read(at as usize),
        None => value_anywhere(entry, vcpu_index),
    }
}

#[cold]
extern "C" fn value_anywhere(entry: U64, index: c_uint) -> u64 {
    if let Some(at) = own_word(entry, index) {
        return read(at as usize);
    }
    let (board, address) = element(entry.score, index, "qemu_plugin_u64_get");
    within(board, entry, "qemu_plugin_u64_get");
    address.map_or(0, |a| value(entry, index, a))
}

/// `qemu_plugin_u64_set`
#[unsafe(no_mangle)]
pub extern "C" fn qemu_plugin_u64_set(entry: U64, vcpu_index: c_uint, val: u64) {
    match quick_word(entry, vcpu_index) {
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
    if let Some(at) = own_word(entry, index) {
        return write(at, value);
    }
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
