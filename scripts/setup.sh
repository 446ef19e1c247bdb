#!/bin/sh
# Make the virtual environment $1 with everything that the course needs, or do nothing if it is
# there already.  $2: the Python to make it with (default: scripts/find_python.sh).
#
# One environment for everything: training, tests and notebooks share it, so that no command finds
# it half made for another.  The test tools are a few per cent of MXNet's and Jupyter's size.
#
# $1/d2l_bn.state says what was installed where: "unfinished" from the first step to the last, so
# that an interrupted set-up is begun anew; then this folder's path and a checksum of the pins.
set -eu
cd "$(dirname "$0")/.."
venv=$1
python=$venv/bin/python
state=$venv/d2l_bn.state
here=$(pwd -P)
wanted="$here $(cat pyproject.toml constraints/*.txt scripts/setup.sh | cksum)"
found=$(cat "$state" 2>/dev/null || true)

runs() { "$python" -c "" 2>/dev/null; }

# The own operators, some ten seconds of C++ compiler, where there is one: once, and again when their
# sources or the compiler change. Without them everything runs, more slowly.
build_kernels() {
    compilers=$(command -v ${CXX:-c++ g++ clang++} || true)
    kernels="$compilers $(cat d2l_bn/norms/kernels/* "$venv/pyvenv.cfg" 2>/dev/null | cksum)"
    if [ "$(cat "$venv/d2l_bn_kernels.state" 2>/dev/null || true)" != "$kernels" ]; then
        if "$python" -m d2l_bn.norms.kernels.build; then echo "$kernels" >"$venv/d2l_bn_kernels.state"; fi
    fi
}

if [ "$found" = "$wanted" ] && runs; then
    build_kernels
    exit 0
fi

if [ -d "$venv" ] && [ -z "$found" ]; then
    echo "$venv was not made by make: move it away, or choose another: make VENV=.venv-d2l" >&2
    exit 1
fi

# New pins go into a sound environment; an unfinished, moved or broken one is made anew.
case $found in
"$here "*) runs || found= ;;
*) found= ;;
esac
if [ -z "$found" ]; then
    base=$(sh scripts/find_python.sh "${2-}")
    "$base" d2l_bn/platform_check.py --before-install
    echo "Making $venv with $base"
    rm -rf "$venv"
    mkdir -p "$venv"
    echo unfinished >"$state"
    "$base" -m venv "$venv"
fi

echo unfinished >"$state"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
constraints=constraints/py$version.txt
quiet=--quiet
if [ -t 1 ]; then quiet=; fi # a person sees the progress, a log stays short
echo "Installing MXNet, Jupyter and the rest: a few minutes the first time, about 1 GB in $venv"
# pip and the build backend come from the constraints, too: an isolated build of d2l_bn would fetch
# the newest backend of the day.
"$python" -m pip install $quiet --constraint "$constraints" --upgrade pip hatchling
"$python" -m pip install $quiet --constraint "$constraints" --no-build-isolation --editable '.[course,dev,grading]'
"$python" d2l_bn/platform_check.py
echo "$wanted" >"$state"
build_kernels
echo "Ready: $venv (Python $version)"
