#!/bin/sh
# Measures what guard adds to commands it has nothing to say about; the method stands in benches/overhead/main.rs.
# usage: benches/run.sh [ROUNDS]
set -eu
cd "$(dirname "$0")/.."

. benches/static-shim
shim=$(build_static_shim)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiler=cc
command -v musl-gcc >/dev/null 2>&1 && compiler=musl-gcc
for program in trampoline stub; do
    # Linked as the shim is: static, at a fixed address.
    "$compiler" -O2 -static -no-pie -s -o "$work/$program" "benches/overhead/$program.c"
done

# A debug build of the full guard would be measured for its own slowness.
cargo build --quiet --locked --release --bin guard
guard=${CARGO_TARGET_DIR:-$PWD/target}/release/guard

# The harness only starts processes, so an unoptimised one measures the same.
GUARD_BENCH_SHIM=$shim GUARD_BENCH_TRAMPOLINE=$work/trampoline GUARD_BENCH_STUB=$work/stub GUARD_BENCH_GUARD=$guard GUARD_BENCH_ROUNDS=${1:-400} \
    cargo bench --quiet --profile dev --bench overhead
