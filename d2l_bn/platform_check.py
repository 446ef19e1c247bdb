"""Can this machine run MXNet 1.9.1?  One clear message instead of a traceback from inside MXNet.

``import d2l_bn`` asks what can be known without MXNet, and the first name that needs MXNet whether
it can be loaded. ``make`` asks before it installs anything::

    python d2l_bn/platform_check.py --before-install

prints the cause and the remedy and exits with status 1, or prints nothing and exits with 0.
``--before-python`` asks the same of the machine alone, before another Python is brought.

Standard library only, in the syntax of Python 3.6: this file must run on the machines that it
turns away.
"""

import collections
import ctypes
import importlib.util
import os
import platform
import struct
import sys

OLDEST, NEWEST = (3, 9), (3, 11)

# What libmxnet.so asks of the system, for each processor that MXNet has a Linux wheel for.
ARM_LIBRARIES = ("libarmpl_lp64_mp.so", "libamath.so", "libastring.so")
SYSTEM_LIBRARIES = {
    "x86_64": ("libgomp.so.1", "libquadmath.so.0"),
    "aarch64": ("libgomp.so.1",) + ARM_LIBRARIES,
}
SYSTEM_PACKAGES = {  # library: (Debian and Ubuntu, Fedora and RHEL)
    "libgomp.so.1": ("libgomp1", "libgomp"),
    "libquadmath.so.0": ("libquadmath0", "libquadmath"),
}

CONTAINER = "the container of the Dockerfile beside README.md"

PYTHON_REMEDY = """`make setup` finds or downloads a Python 3.11 and makes .venv with it.
Where it cannot, install one, and it finds that:
Ubuntu:       sudo add-apt-repository ppa:deadsnakes/ppa; sudo apt-get install python3.11-venv
Fedora, RHEL: sudo dnf install python3.11
macOS:        brew install python@3.11
elsewhere:    pyenv install 3.11"""

Facts = collections.namedtuple(
    "Facts",
    [
        "python",  # (major, minor)
        "implementation",  # 'CPython', 'PyPy', ...
        "bits",  # 32 or 64
        "system",  # 'Linux', 'Darwin', 'Windows', ...
        "machine",  # 'x86_64', 'aarch64', 'arm64', ...
        "libc",  # 'glibc 2.36', '' on Linux without glibc
        "missing_libraries",  # those of SYSTEM_LIBRARIES that cannot be loaded
        "load_error",  # what the loader says of an installed libmxnet.so, '' if it loads
        "mxnet",  # version installed, '' where unknown, None where absent
        "numpy",
    ],
)


def problem_of_python(facts):
    """Cause and remedy if this Python is the wrong one, else None."""
    version = "%d.%d" % facts.python
    remedy = "%s\nOr use %s." % (PYTHON_REMEDY, CONTAINER)
    if facts.python > NEWEST:
        return "Python " + version + " is too new: MXNet 1.9.1 runs on 3.9 to 3.11.", remedy
    if facts.python < OLDEST:
        return "Python " + version + " is too old: d2l_bn runs on 3.9 to 3.11.", remedy
    if facts.implementation != "CPython":
        return facts.implementation + " cannot run MXNet: it needs CPython.", remedy
    if facts.bits != 64:
        return "This Python is a 32-bit one; MXNet needs a 64-bit one.", remedy
    return None


def problem_of_machine(facts):
    """Cause and remedy if MXNet has no wheel for this machine, else None."""
    if facts.system == "Windows":
        return (
            "MXNet 1.9.1 has no wheel for Windows.",
            "Work in WSL2 (`wsl --install`, then this folder in its Ubuntu), or in "
            + CONTAINER
            + ".",
        )
    if facts.system == "Darwin" and facts.machine == "arm64":
        return "MXNet 1.9.1 has no wheel for Apple silicon.", "Use " + CONTAINER + "."
    if facts.system not in ("Linux", "Darwin"):
        return "MXNet 1.9.1 has no wheel for " + facts.system + ".", "Use " + CONTAINER + "."
    if facts.machine not in SYSTEM_LIBRARIES:
        return (
            "MXNet 1.9.1 has no wheel for this processor (" + facts.machine + ").",
            "Use an x86-64 machine.",
        )
    if facts.system == "Linux" and not facts.libc.startswith("glibc"):
        return (
            "MXNet 1.9.1 needs glibc, and this Linux has another C library (musl, as in Alpine).",
            "Use a Debian, Ubuntu or Fedora, or " + CONTAINER + ".",
        )
    return None


def problem_of_libraries(facts):
    """Cause and remedy if a system library is missing, else None."""
    missing = facts.missing_libraries
    if not missing and not facts.load_error:
        return None
    if not missing:
        return (
            "MXNet cannot be loaded: " + facts.load_error + ".",
            "Install the system package of that file; if it is MXNet's own: make clean setup.",
        )
    remedies = []
    packages = [SYSTEM_PACKAGES[name] for name in missing if name in SYSTEM_PACKAGES]
    if packages:
        apt, dnf = zip(*packages)
        remedies.append("Debian, Ubuntu: sudo apt-get install " + " ".join(apt))
        remedies.append("Fedora, RHEL:   sudo dnf install " + " ".join(dnf))
    if any(name in ARM_LIBRARIES for name in missing):
        remedies.append(
            "MXNet's wheel for aarch64 needs Arm Performance Libraries, which it does not bring. "
            "Install them from Arm and put their folder into LD_LIBRARY_PATH, or use "
            + CONTAINER
            + "."
        )
    return "MXNet needs " + " and ".join(missing) + ", missing here.", "\n".join(remedies)


def problem_of_packages(facts):
    """Cause and remedy if MXNet is absent or its NumPy too new, else None."""
    remedy = (
        "Run `make setup` and use .venv/bin/python; in an environment of your own: "
        "pip install -c constraints/py%d.%d.txt -e ." % facts.python
    )
    if facts.mxnet is None:
        return "MXNet is not installed for this Python (" + sys.executable + ").", remedy
    if facts.numpy is None:
        return "NumPy is not installed for this Python (" + sys.executable + ").", remedy
    if release(facts.numpy) >= (1, 24):
        return "NumPy " + facts.numpy + " is too new: MXNet 1.9.1 needs NumPy < 1.24.", remedy
    return None


def release(version):
    """First two numbers of a version, for comparison: '1.23.5' -> (1, 23)."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())


def find_problem(facts, before_install=False, before_python=False):
    """First reason why MXNet cannot run here, as a message of cause and remedy; None if it can.

    ``before_install`` leaves out what the installation brings; ``before_python`` the Python, too.
    """
    problem = None
    if facts.mxnet is None:  # who has MXNet from elsewhere (conda, a build) needs no wheel
        problem = problem_of_machine(facts)
    if not before_python:
        problem = problem or problem_of_python(facts)
    problem = problem or problem_of_libraries(facts)
    if not (before_install or before_python):
        problem = problem or problem_of_packages(facts)
    if problem is None:
        return None
    return "d2l_bn cannot run here. %s\n%s" % problem


def gather_facts(load=True):
    """The facts of interpreter and machine; with ``load``, also whether MXNet's library loads."""
    system, machine = platform.system(), platform.machine()
    tried = load and system == "Linux"
    missing_libraries, load_error = _libraries(machine) if tried else ((), "")
    return Facts(
        python=tuple(sys.version_info[:2]),
        implementation=platform.python_implementation(),
        bits=8 * struct.calcsize("P"),
        system=system,
        machine=machine,
        libc=_libc() if system == "Linux" else "",
        missing_libraries=missing_libraries,
        load_error=load_error,
        mxnet=_installed_version("mxnet"),
        numpy=_installed_version("numpy"),
    )


def require_platform(load=True):
    """Raise ImportError, with cause and remedy, where MXNet cannot run."""
    message = find_problem(gather_facts(load))
    if message:
        raise ImportError(message)


def _libc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):  # only glibc knows this name
        return ""


def _load_error(library):
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return str(error)
    return ""


def _libraries(machine):
    """(missing_libraries, load_error) on Linux."""
    libmxnet = _path_in_package("mxnet", "libmxnet.so")
    load_error = _load_error(libmxnet) if libmxnet else ""
    if libmxnet and not load_error:  # loaded: `import mxnet` will not load it a second time
        return (), ""
    needed = SYSTEM_LIBRARIES.get(machine, ())
    return tuple(name for name in needed if _load_error(name)), load_error


def _path_in_package(package, name):
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    return None


def _installed_version(package):
    """Version of a package without importing it: '' if it has no metadata, None if it is absent."""
    if importlib.util.find_spec(package) is None:
        return None
    try:
        from importlib import metadata  # Python 3.8 or later
    except ImportError:
        return ""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def main(arguments):
    message = find_problem(
        gather_facts(),
        before_install="--before-install" in arguments,
        before_python="--before-python" in arguments,
    )
    if message:
        print(message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
