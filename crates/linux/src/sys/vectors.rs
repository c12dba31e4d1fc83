//! Pointers that lie in memory: vectors, messages, requests. Like those in registers ([`super::args::sanitize`]), none of
//! them may lead the kernel out of the guest's part of the address space: those that would are replaced, in a copy, by
//! one that fails.

use super::args::pointer;
use super::{block, pass};
use crate::errno::{Errno, SysResult, code, fault};
use crate::procfs;
use crate::task::Thread;
use memory::{GUEST_END, guarded};
use std::ops::RangeInclusive;

/// Elements of a vector at the most (`UIO_MAXIOV`); with more the kernel refuses it unread.
const MOST: u64 = 1024;

/// Address and length of each part of a buffer (`struct iovec`).
type Vector = Vec<[u64; 2]>;

/// The guest's vector for the kernel: the one at `addr`, or a corrected copy if an element leaves the guest's memory.
pub(super) fn vector(addr: u64, count: u64) -> Option<Vector> {
    let leaves = |e: &[u64; 2]| e[0].checked_add(e[1]).is_none_or(|end| end > GUEST_END);
    let mut all = load(addr, count)?;
    if !all.iter().any(leaves) {
        return None;
    }
    all.iter_mut().for_each(|e| e[0] = pointer(e[0]));
    Some(all)
}

/// What cannot be read is left to the kernel, which cannot either.
fn load<T: guarded::Plain>(addr: u64, count: u64) -> Option<Vec<T>> {
    if count > MOST { None } else { guarded::load_vec(addr, count as usize).ok() }
}

/// Makes the call with the vector behind argument `index`, whose length is the next argument, corrected.
pub(super) fn with_vector(args: &[u64; 6], index: usize, call: impl FnOnce(&[u64; 6]) -> SysResult) -> SysResult {
    let mut args = *args;
    let copy = vector(args[index], args[index + 1]);
    if let Some(copy) = &copy {
        args[index] = copy.as_ptr() as u64;
    }
    call(&args)
}

/// `process_vm_readv` and `process_vm_writev`. Of a guest only the guest's memory can be reached.
pub(super) fn process_vm(number: i64, args: &[u64; 6]) -> SysResult {
    with_vector(args, 1, |args| match procfs::is_guest(args[0] as i32) {
        true => with_vector(args, 3, |args| pass(number, args)),
        false => pass(number, args),
    })
}

/// No list of structures is longer.
const MOST_WORDS: usize = 1 << 20;

/// Corrects the pointers among the words of `count` structures at `addr`; `None` if there is nothing to correct.
pub(super) fn words<const N: usize>(addr: u64, count: u64, pointers: RangeInclusive<usize>) -> Option<Vec<[u64; N]>>
where
    [u64; N]: Default,
{
    let mut all = guarded::load_vec::<[u64; N]>(addr, usize::try_from(count).ok().filter(|&c| c < MOST_WORDS)?).ok()?;
    let mut found = false;
    for word in all.iter_mut().flat_map(|e| &mut e[pointers.clone()]) {
        found |= *word >= GUEST_END;
        *word = pointer(*word);
    }
    found.then_some(all)
}

/// Where `struct msghdr` has its pointers (name, vector, control data) and what the kernel writes back.
const NAME: usize = 0;
const VECTOR: usize = 2;
const VECTOR_LEN: usize = 3;
const CONTROL: usize = 4;
const RESULTS: [usize; 3] = [1, 5, 6];

/// Corrects a message; also returns its vector, to which the message points if it had to be corrected. `None`: there
/// is nothing to correct.
fn corrected<const N: usize>(mut message: [u64; N]) -> Option<([u64; N], Option<Vector>)> {
    let before = message;
    for at in [NAME, VECTOR, CONTROL] {
        message[at] = pointer(message[at]);
    }
    let elements = vector(message[VECTOR], message[VECTOR_LEN]);
    if let Some(elements) = &elements {
        message[VECTOR] = elements.as_ptr() as u64;
    }
    (message != before).then_some((message, elements))
}

/// `sendmsg`, `recvmsg`.
pub(super) fn message(t: &mut Thread, number: i64, args: &[u64; 6]) -> SysResult {
    let loaded = guarded::load::<[u64; 7]>(args[1]).ok();
    let Some((mut copy, _elements)) = loaded.and_then(corrected) else { return block(t, number, args) };
    let result = block(t, number, &[args[0], copy.as_mut_ptr() as u64, args[2], 0, 0, 0])?;
    if number == libc::SYS_recvmsg {
        tell(args[1], &copy)?;
    }
    Ok(result)
}

/// `sendmmsg`, `recvmmsg`: messages with a word more, the number of their bytes.
pub(super) fn messages(t: &mut Thread, number: i64, args: &[u64; 6]) -> SysResult {
    // Of more messages than that the kernel takes the first ones.
    let Some(mut all) = load::<[u64; 8]>(args[1], args[2].min(MOST)) else { return block(t, number, args) };
    let fixed: Vec<_> = all.iter().map(|m| corrected(*m)).collect();
    if fixed.iter().all(Option::is_none) {
        return block(t, number, args);
    }
    for (message, fixed) in all.iter_mut().zip(&fixed) {
        *message = fixed.as_ref().map_or(*message, |f| f.0);
    }
    let done = block(t, number, &[args[0], all.as_mut_ptr() as u64, args[2], args[3], args[4], 0])?;
    for (i, message) in all.iter().enumerate().take(done as usize) {
        let at = args[1] + i as u64 * size_of_val(message) as u64;
        tell(at, message)?;
        fault(guarded::store(at + 56, message[7] as u32))?;
    }
    Ok(done)
}

/// Writes what the kernel has found out to the guest's message.
fn tell(at: u64, message: &[u64]) -> Result<(), Errno> {
    RESULTS.iter().try_for_each(|&i| fault(guarded::store(at + 8 * i as u64, message[i])))
}

/// `io_submit`: requests are told from each other by their addresses, so they are not copied; those from the first bad
/// one on are not made.
pub(super) fn submit(t: &mut Thread, args: &[u64; 6]) -> SysResult {
    const VECTORED: RangeInclusive<u16> = 7..=8;
    let reaches_out = |request: u64| {
        let Ok(request) = guarded::load::<[u64; 5]>(request) else { return request >= GUEST_END };
        let [_, _, kind, buffer, len] = request;
        let end = if VECTORED.contains(&(kind as u16)) { buffer } else { buffer.saturating_add(len) };
        end > GUEST_END || VECTORED.contains(&(kind as u16)) && vector(buffer, len).is_some()
    };
    let count = (args[1] as i64).clamp(0, MOST as i64) as u64;
    let list = load::<u64>(args[2], count).unwrap_or_default();
    match list.iter().position(|&request| reaches_out(request)) {
        None => block(t, libc::SYS_io_submit, args),
        Some(0) => Err(code::EFAULT),
        Some(good) => block(t, libc::SYS_io_submit, &[args[0], good as u64, args[2], 0, 0, 0]),
    }
}
