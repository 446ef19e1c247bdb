#!/bin/sh
# Print the path of a Python for .venv: 3.11 if there is one, else 3.10, else 3.9.
# Looks at the names on PATH, pyenv's versions, .venv-tools and uv; where there is none,
# bring_python.sh downloads one.
# With an argument, takes that Python or none.  If nothing fits: a message, and exit status 1.

root=$(dirname "$0")/..
check=$root/d2l_bn/platform_check.py

# Print the real path of Python $1 if it runs (a pyenv shim may not), is one of the versions $2 and
# can make a venv.  The real path: a link such as python3 may one day lead to another version.
try() {
    "$1" -c '
import os, sys, ensurepip, venv
if "%d.%d" % sys.version_info[:2] not in sys.argv[1].split(): sys.exit(1)
print(os.path.realpath(sys.executable))' "$2" 2>/dev/null
}

# Print the path of the newest Python on this machine that fits.
search() {
    for version in 3.11 3.10 3.9; do
        for python in "python$version" python3 python \
            "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python \
            "$root"/.venv-tools/python/cpython-"$version".*/bin/python3 \
            "$(uv python find "$version" 2>/dev/null)"; do
            try "$python" "$version" && return
        done
    done
    return 1
}

# Say why Python $1 does not do.
explain() {
    "$1" "$check" --before-install || return
    echo "$1 cannot make a virtual environment: its venv module is missing." >&2
    echo "Debian, Ubuntu: sudo apt-get install python3-venv" >&2
}

if [ -n "${1-}" ]; then
    try "$1" "3.11 3.10 3.9" && exit
    command -v "$1" >/dev/null || { echo "PYTHON=$1: no such program" >&2 && exit 1; }
    explain "$1"
    exit 1
fi

search && exit

for any in python3 python ""; do
    "$any" -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null && break
done
if [ -n "$any" ]; then # no download for a machine that cannot run MXNet, whatever its Python
    "$any" "$check" --before-python || exit 1
fi
if [ -n "$any" ] || uv --version >/dev/null 2>&1; then
    sh "$root/scripts/bring_python.sh" "$any" && search && exit
fi

echo "No Python 3.11, 3.10 or 3.9 on PATH, in pyenv or in uv." >&2
if [ -n "$any" ]; then
    explain "$any"
else
    echo "Install Python 3 with venv, of any version (Debian, Ubuntu: sudo apt-get install" >&2
    echo "python3-venv), then make again; or use the container of the Dockerfile." >&2
fi
exit 1
