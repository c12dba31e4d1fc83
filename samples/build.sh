#!/bin/sh
# Rebuilds the sample guest. Debian: gcc-riscv64-linux-gnu.
set -eu
cd "$(dirname "$0")"
riscv64-linux-gnu-gcc -O2 -static -nostdlib -ffreestanding -fno-builtin -Wall -Wextra \
    -Wl,--build-id=none -s -o digest digest.c
ls -l digest
