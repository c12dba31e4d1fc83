//! Programs that replace the running one.

use super::syscalls;
use crate::process::exec::{Target, exec};

syscalls! { ROWS;
    221 execve(path: Path, argv: Ptr, env: Ptr) Full {
        |t| exec(t, Target { dir: libc::AT_FDCWD, path: path.0, flags: 0 }, argv.0, env.0)
    }
    281 execveat(dir: Dir, path: Path, argv: Ptr, env: Ptr, flags: AtFlags) Full {
        |t| exec(t, Target { dir: dir.0, path: path.0, flags: flags.0 }, argv.0, env.0)
    }
}
