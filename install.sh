#!/bin/sh
# Builds guard from this checkout and installs it. Everything is inside main(), which the last line calls:
# a download that is cut off runs nothing.

main() {
    set -eu
    umask 022
    prefix="${HOME:-}/.local"
    action=install
    while [ $# -gt 0 ]; do
        case "$1" in
            --prefix) [ $# -ge 2 ] || die 64 "--prefix needs a directory"; prefix=$2; shift ;;
            --prefix=*) prefix=${1#--prefix=} ;;
            --demo) action=demo ;;
            --uninstall) action=uninstall ;;
            --purge) purge=1 ;;
            -h | --help) usage; exit 0 ;;
            *) usage >&2; die 64 "unknown option $1" ;;
        esac
        shift
    done
    case "$prefix" in
        /.local | "") die 78 "HOME is not set: give --prefix DIR" ;;
        /*) ;;
        *) prefix="$PWD/$prefix" ;;
    esac
    here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    library="$prefix/lib/guard"
    shims="$prefix/share/guard/shims"
    case "$action" in
        install) build; install_files; activation ;;
        demo) build; exec "$built/examples/demo" "$built/guard" "$shim_built" ;;
        uninstall) uninstall ;;
    esac
}

usage() {
    cat <<'TXT'
usage: ./install.sh [--prefix DIR] [--demo | --uninstall [--purge]]

  --prefix DIR   install below DIR (default ~/.local)
  --demo         build, then show the main job on a throwaway directory and kubeconfig; installs nothing
  --uninstall    remove everything this script installed; your rules and audit log stay
  --purge        with --uninstall: remove your rules, audit log and signing key, too
TXT
}

say() { printf 'install.sh: %s\n' "$*"; }

die() {
    status=$1
    shift
    printf 'install.sh: %s\n' "$*" >&2
    exit "$status"
}

# ---- build --------------------------------------------------------------------------------------------

build() {
    command -v cargo >/dev/null 2>&1 || die 69 "cargo is not on PATH: install Rust 1.89 or newer first"
    command -v cc >/dev/null 2>&1 || die 69 "no C linker: install gcc (Debian: apt-get install gcc libc6-dev)"
    target_dir=${CARGO_TARGET_DIR:-$here/target}
    say "building guard (a few minutes the first time)"
    examples=
    [ "$action" = demo ] && examples="--example demo"
    # shellcheck disable=SC2086  # a list of options
    (cd "$here" && cargo build --quiet --locked --release --bin guard $examples)
    built="$target_dir/release"
    build_shim
}

# The shim is static (docs/decisions/0001-two-executables.md).
build_shim() {
    # shellcheck source=benches/static-shim
    . "$here/benches/static-shim"
    shim_built=$(cd "$here" && build_static_shim)
}

# ---- install ------------------------------------------------------------------------------------------

# Directories this script makes are written down, so that --uninstall can take away just those.
make_directory() {
    [ -d "$1" ] && return
    make_directory "$(dirname -- "$1")"
    mkdir "$1"
    made="$1
${made-}"
}

put() { # put MODE SOURCE DESTINATION: replaces the file whole, also while it runs
    make_directory "$(dirname -- "$3")"
    cp -- "$2" "$3.new"
    chmod "$1" "$3.new"
    mv -f -- "$3.new" "$3"
}

install_files() {
    make_directory "$library"
    put 755 "$built/guard" "$library/guard"
    put 755 "$shim_built" "$library/guard-shim"
    make_directory "$prefix/bin"
    ln -sfn ../lib/guard/guard "$prefix/bin/guard"
    for page in "$here"/man/*.1; do
        put 644 "$page" "$prefix/share/man/man1/${page##*/}"
    done
    put 644 "$here/completions/guard.bash" "$prefix/share/bash-completion/completions/guard"
    put 644 "$here/completions/_guard" "$prefix/share/zsh/site-functions/_guard"
    put 644 "$here/completions/guard.fish" "$prefix/share/fish/vendor_completions.d/guard.fish"
    make_directory "$shims"
    [ -z "${made-}" ] || printf '%s' "$made" >>"$library/directories"
    "$library/guard" shim add --all
    say "installed below $prefix"
}

activation() {
    case "${SHELL-}" in
        */fish) line="$prefix/bin/guard init fish | source"; file="~/.config/fish/config.fish" ;;
        */zsh) line="eval \"\$($prefix/bin/guard init zsh)\""; file="~/.zshrc" ;;
        *) line="eval \"\$($prefix/bin/guard init bash)\""; file="~/.bashrc" ;;
    esac
    say "one line activates it; put it at the end of $file:"
    printf '\n    %s\n\n' "$line"
}

# ---- uninstall ----------------------------------------------------------------------------------------

uninstall() {
    if [ ! -x "$library/guard" ]; then
        say "nothing is installed below $prefix"
        return
    fi
    "$library/guard" shim remove --all --dir "$shims" >/dev/null || die 78 "the shims in $shims could not be removed"
    made=$(cat "$library/directories" 2>/dev/null || true)
    rm -f -- "$prefix/bin/guard" "$library/guard" "$library/guard-shim" "$library/directories" \
        "$prefix"/share/man/man1/guard.1 "$prefix"/share/man/man1/guard-*.1 "$prefix/share/bash-completion/completions/guard" \
        "$prefix/share/zsh/site-functions/_guard" "$prefix/share/fish/vendor_completions.d/guard.fish"
    # Deepest first; a directory with something else in it stays.
    printf '%s\n' "$made" | awk '{ print length($0) "\t" $0 }' | sort -rn | cut -f2- | while IFS= read -r directory; do
        [ -z "$directory" ] || rmdir -- "$directory" 2>/dev/null || true
    done
    home=${HOME:-/nonexistent}
    rm -rf -- "${XDG_CACHE_HOME:-$home/.cache}/guard"
    say "removed from $prefix; take the line with 'guard init' out of your shell's start-up file"
    for kept in "${XDG_CONFIG_HOME:-$home/.config}/guard" "${XDG_STATE_HOME:-$home/.local/state}/guard"; do
        [ -e "$kept" ] || continue
        if [ -n "${purge-}" ]; then rm -rf -- "$kept"; else say "kept $kept (--purge removes it)"; fi
    done
}

main "$@"
