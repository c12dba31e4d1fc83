#!/bin/bash
# roots.sh [DIR] - the Debian roots that tests and benchmarks run programs of: DIR/riscv64 for the guest, DIR/amd64 for
# the native column, DIR/source with GCC's tests and Csmith (DIR: tests/roots). Needs apt and dpkg-deb, no root rights.
# A root that is complete is left alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$here/roots}
mkdir -p "$dir"

programs="libc-bin bash dash coreutils findutils diffutils grep sed gawk tar gzip xz-utils zstd bzip2 perl python3
  libpython3.13-testsuite sqlite3 lua5.4 gcc libc6-dev make openssl busybox procps util-linux bsdutils bsdextrautils hostname bc jq git file"

# The archive's lists under the name "trixie" and under "stable" are the same release; each has been seen out of step
# with its signature for hours while the other was fine.
root() { # NAME ARCH PACKAGE...
    local name=$1 arch=$2
    shift 2
    [ -e "$dir/$name/COMPLETE" ] && return 0
    "$here/tools/mkroot.sh" -s trixie -o "$dir/$name" "$arch" "$@" ||
        "$here/tools/mkroot.sh" -s stable -o "$dir/$name" "$arch" "$@"
    touch "$dir/$name/COMPLETE"
}

# shellcheck disable=SC2086
root riscv64 riscv64 $programs
# shellcheck disable=SC2086
root amd64 amd64 $programs gcc-14-riscv64-linux-gnu
root source amd64 gcc-14-source csmith libcsmith-dev
