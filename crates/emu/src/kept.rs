//! Descriptors: a copy of our standard error stream that the guest cannot close, so that our words still come out at
//! the end; and closing one that the kernel handed to us.

use hostos::fds::HiddenFd;

/// The copy; without effect if there was no such stream.
pub struct Kept(Option<HiddenFd>);

impl Kept {
    /// To be taken before the guest runs.
    pub fn stderr() -> Kept {
        Kept(HiddenFd::copy_of(libc::STDERR_FILENO).ok())
    }

    /// Writes all of the text; that the stream is full or gone is not worth another message.
    pub fn write(&self, text: &str) {
        let Some(fd) = &self.0 else { return };
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let args = [fd.number() as u64, rest.as_ptr() as u64, rest.len() as u64, 0, 0, 0];
            match hostos::call::raw(libc::SYS_write, args) {
                n if n > 0 => rest = &rest[n as usize..],
                n if n == -i64::from(libc::EINTR) => {}
                _ => return,
            }
        }
    }
}

/// Closes a descriptor that is nobody's but was handed to this process.
pub fn close(descriptor: u64) {
    hostos::call::raw(libc::SYS_close, [descriptor, 0, 0, 0, 0, 0]);
}

/// Writes a line to the standard error stream and ends the process at once with this status.
pub fn leave_with(line: &[u8], status: u8) -> ! {
    let stderr = libc::STDERR_FILENO as u64;
    hostos::call::raw(libc::SYS_write, [stderr, line.as_ptr() as u64, line.len() as u64, 0, 0, 0]);
    hostos::signal::exit_group(status.into())
}
