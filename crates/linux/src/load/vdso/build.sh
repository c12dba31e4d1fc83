#!/bin/sh
# Makes riscv64.so from riscv64.S. Needs gcc-riscv64-linux-gnu.
set -eu
cd "$(dirname "$0")"
riscv64-linux-gnu-gcc -nostdlib -shared -fPIC -march=rv64g -mabi=lp64d -Wl,-T,riscv64.lds -Wl,-soname,linux-vdso.so.1 \
    -Wl,--hash-style=both -Wl,--eh-frame-hdr -Wl,--build-id=none -o riscv64.so riscv64.S
riscv64-linux-gnu-strip --strip-unneeded riscv64.so
