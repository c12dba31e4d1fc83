#!/bin/bash
# roots.sh [DIR] - the Debian roots that tests and benchmarks run programs of: DIR/riscv64 for the guest, DIR/amd64 for
# the native column, DIR/source with GCC's tests, Csmith and the Open POSIX suite (DIR: tests/roots). Needs apt and dpkg-deb, no root rights.
# A root that is complete is left alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${1:-$here/roots}
mkdir -p "$dir"

programs="libc-bin bash dash coreutils findutils diffutils grep sed gawk tar gzip xz-utils zstd bzip2 perl python3
  libpython3.13-testsuite sqlite3 lua5.4 gcc libc6-dev make openssl busybox procps util-linux bsdutils bsdextrautils hostname bc jq git file
  libglib2.0-tests"

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

# A package of source only: unpacked, with Debian's patches, by the private apt that mkroot.sh left.
posix() {
    local to=$dir/source/usr/src cache work
    [ -e "$to/posixtestsuite" ] && return 0
    cache=$(ls -d "$dir"/.mkroot-amd64-* | head -1)
    work=$(mktemp -d)
    mkdir -p "$work/lists/partial" "$to"
    sed 's/^deb /deb-src /' "$cache/sources.list" >"$work/sources.list"
    source_apt() { APT_CONFIG=$cache/apt.conf apt-get -q -o "Dir::State::lists=$work/lists" -o "Dir::Etc::sourcelist=$work/sources.list" "$@"; }
    (
        cd "$work"
        source_apt update
        source_apt source --download-only posixtestsuite
        tar -xf posixtestsuite_*.orig.tar.*
        tar -xf posixtestsuite_*.debian.tar.*
        while read -r name; do patch -d posixtestsuite -p1 -s <"debian/patches/$name"; done < <(grep '^[^#]' debian/patches/series)
    )
    mv "$work/posixtestsuite" "$to/"
    rm -r "$work"
}
posix
