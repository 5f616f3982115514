# Sourced by bin/serve, bin/test and bin/manage: finds Python, makes .venv, installs the pins.
# shellcheck shell=sh

unset CDPATH PYTHONHOME PYTHONPATH PYTHONSAFEPATH || true
cd -- "$(dirname -- "$0")/.."

fail() {
    printf '\n%s\n\n' "$1" >&2
    exit 1
}

# Prints the first Python that is new enough; 3.14 comes last, as not every pin has a build for it.
find_python() {
    for wanted in '(3, 11) <= v < (3, 14)' 'v >= (3, 11)'; do
        for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
            if "$candidate" -c "import sys; v = sys.version_info[:2]; sys.exit(not ($wanted))" \
                >/dev/null 2>&1; then
                printf '%s\n' "$candidate"
                return
            fi
        done
    done
    fail "Alongside needs Python 3.11 or newer, and no such python3 is on PATH.
Install it (on Debian and Ubuntu: apt install python3 python3-venv) and start again."
}

venv_works() {
    [ -x .venv/bin/python ] && .venv/bin/python -c \
        'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

make_venv() {
    python=$(find_python)
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || fail \
        "$python has no venv module. Install it (on Debian and Ubuntu: apt install python3-venv)."
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv || fail "The folder .venv could not be made in $(pwd)."
}

# One installation at a time; a lock whose process is gone counts for nothing.
lock_installation() {
    while ! mkdir .venv.lock 2>/dev/null; do
        [ -d .venv.lock ] || fail "The folder $(pwd) may not be written to."
        owner=$(cat .venv.lock/pid 2>/dev/null || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf .venv.lock
        else
            sleep 1
        fi
    done
    echo $$ >.venv.lock/pid
    trap 'rm -rf .venv.lock' EXIT
    trap 'exit 130' INT TERM HUP
}

unlock_installation() {
    rm -rf .venv.lock
    trap - EXIT INT TERM HUP
}

# checksum FILE...: changes when a pin changes.
checksum() {
    cat "$@" | cksum
}

is_installed() {
    [ "$(cat .venv/installed-"$1" 2>/dev/null)" = "$2" ] && venv_works
}

# install NAME FILE...: installs the last file, which may include the others.
install() {
    name=$1
    shift
    sum=$(checksum "$@")
    is_installed "$name" "$sum" && return
    lock_installation
    if ! is_installed "$name" "$sum"; then
        venv_works || make_venv
        for file in "$@"; do :; done
        echo "Installing the packages of $file (some minutes the first time) ..."
        .venv/bin/python -m pip install -qq --disable-pip-version-check \
            --root-user-action=ignore --requirement "$file" ||
            fail "pip could not install the packages of $file; its words stand above."
        printf '%s\n' "$sum" >.venv/installed-"$name"
    fi
    unlock_installation
}
