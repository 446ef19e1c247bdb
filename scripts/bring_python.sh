#!/bin/sh
# Bring a Python 3.11 into .venv-tools, with uv, for a machine that has no Python that fits.
# $1: any Python from 3.8 on; where there is no uv, its pip gets one from the package index.
#
# Nothing is written outside of .venv-tools. The uv in there is used again if it runs; what an
# interrupted run has left is replaced. If a download fails: one line that says why, exit status 1.
set -eu
tools=$(cd "$(dirname "$0")/.." && pwd -P)/.venv-tools
log=$tools/log
uv=uv

# Of uv's own settings, a mirror or certificates hold here, too; where it writes does not.
export UV_PYTHON_INSTALL_DIR="$tools/python" UV_PYTHON_INSTALL_BIN=0 UV_NO_CACHE=1
export UV_HTTP_RETRIES="${UV_HTTP_RETRIES:-1}" # without a network: two seconds instead of eleven

# Say $1 and the last line that pip or uv wrote, where they name the cause.
fail() {
    echo "$1: $(awk 'NF { last = $0 } END { sub(/^ *(cause: )?/, "", last); print last }' "$log")" >&2
    echo "All that it said is in $log" >&2
    exit 1
}

# Install uv into .venv-tools/uv with the pip of Python $1, or with that of a venv made by it.
install_uv() {
    python=$1
    rm -rf "$tools/uv" "$tools/uv.part" "$tools/venv"
    if ! "$python" -m pip --version >"$log" 2>&1; then
        "$python" -m venv "$tools/venv" >"$log" 2>&1 || {
            echo "$1 has neither pip nor venv to get uv with." >&2
            echo "Debian, Ubuntu: sudo apt-get install python3-venv, then make again" >&2
            exit 1
        }
        python=$tools/venv/bin/python
    fi
    PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$python" -m pip install --retries 1 --timeout 10 \
        --no-deps --only-binary :all: --no-compile --no-cache-dir --disable-pip-version-check \
        --target "$tools/uv.part" "uv==0.13.9" >"$log" 2>&1 || fail "pip could not get uv"
    mv "$tools/uv.part" "$tools/uv"
}

mkdir -p "$tools"
echo "No Python 3.11, 3.10 or 3.9 here: uv brings one into $tools (some 50 MB to download)" >&2
if ! uv --version >/dev/null 2>&1; then
    uv=$tools/uv/bin/uv
    "$uv" --version >/dev/null 2>&1 || install_uv "$1"
fi
rm -rf "$tools/python" # find_python.sh has looked there: it holds none that runs
"$uv" python install 3.11 >"$log" 2>&1 || fail "uv could not download Python 3.11"
