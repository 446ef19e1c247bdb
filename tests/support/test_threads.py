"""The number of threads: the user's, or at most two of what the machine gives; before MXNet."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from d2l_bn import threads

VARIABLES = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY")


def python(code, **variables):
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return subprocess.run(
        [sys.executable, "-c", f"import os, sys; {code}"],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    ).stdout.split()


LOADED = (
    "import d2l_bn; assert 'mxnet' not in sys.modules; d2l_bn.lenet; import ctypes;"
    "print(os.environ.get('OMP_NUM_THREADS'), os.environ.get('OMP_WAIT_POLICY'),"
    " ctypes.CDLL('libgomp.so.1').omp_get_max_threads())"
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks GCC's OpenMP")
def test_the_package_chooses_when_it_loads_mxnet_and_openmp_hears_it():
    expected = str(min(threads.available(), 2))
    assert python(LOADED) == [expected, "PASSIVE", expected]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks GCC's OpenMP")
def test_a_number_of_the_users_stays():
    assert python(LOADED, OMP_NUM_THREADS="3") == ["3", "None", "3"]


def test_after_mxnet_it_is_too_late_and_the_record_says_so():
    code = (
        "import mxnet, d2l_bn; from d2l_bn import threads; d2l_bn.lenet;"
        "from d2l_bn._support.environment import describe_environment;"
        "print(threads.choose_threads(), *describe_environment()['threads'].split())"
    )
    assert python(code) == ["None", "MXNet's", "choice"]


def test_the_choice_is_said(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.delitem(sys.modules, "mxnet", raising=False)
    monkeypatch.setattr(threads, "_chosen", False)
    monkeypatch.setattr(threads, "available", lambda: 64)
    assert threads.choose_threads() == 2 == threads.choose_threads()
    assert threads.status() == "2 (chosen for this machine)" and threads.chosen()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.parametrize(
    "files, expected",
    [
        ({}, 4),
        ({"cpu.max": "max 100000"}, 4),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"}, 4),
        ({"cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000"}, 1),
        ({f"cpu{n}": f"{n % 2},{n % 2 + 2}" for n in range(4)}, 2),  # two to a core
    ],
)
def test_cores_are_physical_and_within_the_quota(files, expected, monkeypatch):
    def read(path):
        return files.get(path.parent.parent.name if "topology" in path.parts else path.name)

    monkeypatch.setattr(threads, "_read", read)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    assert threads.available() == expected


def test_processes_that_share_the_cores_have_one_thread_each(monkeypatch):
    from d2l_bn.experiments import runner

    given = {}

    class Pool:
        def __init__(self, workers, **options):
            given.update(options)
            raise InterruptedError

    monkeypatch.setattr(runner, "ProcessPoolExecutor", Pool)
    for chosen, expected in ((True, threads.one_thread), (False, None)):
        monkeypatch.setattr(threads, "_chosen", chosen)
        with pytest.raises(InterruptedError):
            next(runner._run_all(None, [({}, 0), ({}, 1)], "synthetic", 2))
        assert given["initializer"] is expected
