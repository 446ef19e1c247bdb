"""Every way in which files can fail to come, or come wrong: real server, real files, real kills."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc

import numpy
import pytest

from d2l_bn.data.cache import WAYS_OUT, cache_folder, obtain
from d2l_bn.data.download import download
from d2l_bn.data.idx import Archive, DataError, parse, verified
from d2l_bn.data.sources import DebianPackage, Folder, Mirror, standard_sources


def idx(array):
    """The bytes of an IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + numpy.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


RNG = numpy.random.default_rng(0)
CONTENTS = {
    "train-images": idx(RNG.integers(0, 256, (30, 28, 28), dtype="uint8")),
    "train-labels": idx(RNG.integers(0, 10, 30, dtype="uint8")),
    "test-images": idx(RNG.integers(0, 256, (10, 28, 28), dtype="uint8")),
    "test-labels": idx(RNG.integers(0, 10, 10, dtype="uint8")),
}
ARCHIVES = [
    Archive(name, len(content), hashlib.sha256(content).hexdigest())
    for name, content in CONTENTS.items()
]
IMAGES = ARCHIVES[0]
GOOD = list(CONTENTS.values())


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of the path says how to behave, the last which file is asked for."""

    def do_GET(self):
        _, behaviour, name = self.path.split("/")
        body = gzip.compress(CONTENTS[name[: -len(".gz")]])
        if behaviour == "missing":
            self.send_error(404)
            return
        if behaviour == "corrupt":
            body = body[:5000] + bytes([body[5000] ^ 1]) + body[5001:] if len(body) > 5001 else body
        if behaviour == "login":
            body = b"<!DOCTYPE html><title>Log in</title>"
        if behaviour == "swapped":
            body = gzip.compress(CONTENTS["train-labels"])
        if behaviour == "endless":
            body = bytes(10 * len(body))
        self.send_response(200)
        if behaviour != "cut-silently":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if behaviour in ("cut", "cut-silently", "stall", "trickle"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.server.half_sent.set()
            if behaviour == "stall":
                self.server.stopping.wait()
            while behaviour == "trickle" and not self.server.stopping.wait(0.05):
                self.wfile.write(b"x")
            return
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.handle_error = lambda *args: None  # a client that went away is what is tested
        httpd.half_sent, httpd.stopping = threading.Event(), threading.Event()
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        httpd.url = f"http://127.0.0.1:{httpd.server_port}"
        yield httpd
        httpd.stopping.set()
        httpd.shutdown()


def closed_port():
    """The address of a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def fill(folder, contents=CONTENTS, compress=False):
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        path = folder / (f"{name}.gz" if compress else name)
        path.write_bytes(gzip.compress(content) if compress else content)
    return folder


FAULTS = {
    "missing": "404",
    "cut": "IncompleteRead|broken|more expected",
    "cut-silently": "train-images is truncated: its gzip stream ends early",
    "corrupt": "train-images is damaged",
    "login": "train-images is a web page",
    "swapped": "train-images is the wrong file: it holds train-labels",
    "endless": "not the file that is meant",
    "stall": "stalled|timed out",
    "trickle": "stalled",
}


@pytest.mark.parametrize(("behaviour", "reason"), FAULTS.items())
@pytest.mark.filterwarnings("ignore:Fashion-MNIST taken")
def test_a_faulty_server_is_named_and_the_next_source_is_used(server, tmp_path, behaviour, reason):
    cache = tmp_path / "cache"
    faulty = Mirror(f"{server.url}/{behaviour}", "faulty", patience=0.5)
    start = time.monotonic()
    with pytest.raises(DataError, match=f"- faulty: .*({reason})"):
        obtain(ARCHIVES, [faulty], cache)
    assert time.monotonic() - start < 5
    assert not cache.exists()

    contents, name = obtain(ARCHIVES, [faulty, Mirror(f"{server.url}/good", "good")], cache)
    assert (contents, name) == (GOOD, "good")
    assert obtain(ARCHIVES, [Folder(cache, "cache")], cache) == (GOOD, "cache")
    assert sorted(path.name for path in cache.iterdir()) == sorted(CONTENTS)


def test_a_refused_connection_is_one_short_line(tmp_path):
    with pytest.raises(DataError) as caught:
        obtain(ARCHIVES, [Mirror(closed_port(), "nobody")], tmp_path)
    assert re.search(r"\n  - nobody: \[Errno \d+\] Connection refused\n", str(caught.value))


def test_a_slow_but_steady_server_is_given_its_time(server):
    url = f"{server.url}/trickle/train-images.gz"
    with pytest.raises(TimeoutError):
        download(url, largest=10**6, patience=0.3, slowest=1_000_000)
    threading.Timer(1.5, server.stopping.set).start()
    with pytest.raises(OSError, match="IncompleteRead|more expected|broken"):
        # Accepted as progress for as long as it lasts; it ends early, and that is what is reported.
        download(url, largest=10**6, patience=0.3, slowest=0)


def test_when_all_fail_the_error_lists_each_source_once_and_the_ways_out(server, tmp_path):
    sources = [
        Folder(tmp_path / "nowhere", "D2L_BN_DATA"),
        Folder(fill(tmp_path / "half", {"train-images": GOOD[0]}), "cache"),
        Mirror(closed_port(), "first mirror"),
        Mirror(f"{server.url}/missing", "second mirror"),
    ]
    with pytest.raises(DataError) as caught:
        obtain(ARCHIVES, sources, tmp_path / "cache")
    head, *tried = str(caught.value).removesuffix(WAYS_OUT).rstrip().splitlines()
    assert [line.split(":")[0] for line in tried] == [f"  - {source.name}" for source in sources]
    assert "there is no folder" in tried[0]
    assert "has no train-labels[.gz]" in tried[1]
    assert "--data synthetic" in WAYS_OUT and "D2L_BN_DATA" in WAYS_OUT and "apt-get" in WAYS_OUT


@pytest.mark.parametrize("compress", [False, True])
def test_raw_and_compressed_files_are_the_same(tmp_path, compress):
    folder = Folder(fill(tmp_path / "data", compress=compress), "folder")
    assert folder.fetch(ARCHIVES) == GOOD


def damaged(path):
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def immense(path):
    path.unlink()
    with open(path, "wb") as file:
        file.truncate(30 * 2**30)  # takes no room on the disk


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_folder(path):
    path.unlink()
    path.mkdir()


SPOILED = {
    damaged: "train-images is damaged",
    immense: "train-images has 32,212,254,720 bytes; expected at most 24,771",
    a_pipe: "train-images is no plain file",
    a_folder: "Is a directory: .*train-images",
}


@pytest.mark.parametrize(("spoil", "reason"), SPOILED.items())
def test_a_bad_file_neither_hangs_nor_hides_the_good_one_beside_it(tmp_path, spoil, reason):
    folder = fill(tmp_path / "data", CONTENTS)
    spoil(folder / "train-images")
    with pytest.raises(DataError, match=reason):
        obtain(ARCHIVES, [Folder(folder, "data")], tmp_path)
    packed = folder / "train-images.gz"
    packed.write_bytes(gzip.compress(GOOD[0]))
    with pytest.warns(UserWarning, match=f"train-images.gz is used, since .*{reason}"):
        assert obtain(ARCHIVES, [Folder(folder, "data")], tmp_path) == (GOOD, "data")
    damaged(packed)
    with pytest.raises(DataError, match=reason):  # of the first
        obtain(ARCHIVES, [Folder(folder, "data")], tmp_path)


def test_content_decides_not_name_and_not_compression_level():
    content = CONTENTS["train-images"]
    for stored in (content, gzip.compress(content, 1), gzip.compress(content, 9, mtime=0)):
        assert verified(stored, IMAGES, ARCHIVES) == content


def flipped(content):
    return content[:999] + bytes([content[999] ^ 0x10]) + content[1000:]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (flipped, "train-images is damaged: its SHA-256 is"),
        (lambda content: content[:-1], "train-images is truncated: 23,535 of 23,536 bytes"),
        (lambda content: b"", "train-images is truncated: 0 of 23,536 bytes"),
        (lambda content: content + b"x", "train-images is the wrong file: more than 23,536 bytes"),
        (lambda content: GOOD[1], "train-images is the wrong file: it holds train-labels"),
        (lambda content: b"<html>", "train-images is a web page"),
        (lambda content: gzip.compress(content)[:-9], "train-images is truncated: its gzip"),
        (lambda content: gzip.compress(flipped(content)), "train-images is damaged: its SHA"),
        (lambda content: gzip.compress(content)[:10] + b"\xff" * 99, "train-images is damaged"),
    ],
)
def test_a_bad_file_in_the_cache_is_named_and_replaced(server, tmp_path, damage, reason):
    cache = fill(tmp_path / "cache", {**CONTENTS, "train-images": damage(GOOD[0])})
    local = Folder(cache, "cache")
    with pytest.raises(DataError, match=reason):
        local.fetch(ARCHIVES)
    with pytest.warns(UserWarning, match=f"taken from good, not from cache: {reason}"):
        contents, _ = obtain(ARCHIVES, [local, Mirror(f"{server.url}/good", "good")], cache)
    assert contents == GOOD == local.fetch(ARCHIVES)


@pytest.mark.parametrize("behaviour", FAULTS)
def test_a_good_cache_is_never_replaced(server, tmp_path, behaviour):
    cache = fill(tmp_path / "cache")
    faulty = Mirror(f"{server.url}/{behaviour}", "faulty", patience=0.5)
    with pytest.raises(DataError):
        obtain(ARCHIVES, [faulty], cache)
    assert Folder(cache, "cache").fetch(ARCHIVES) == GOOD


def test_a_cache_that_cannot_be_written_is_no_obstacle(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="the cache cannot be written"):
        contents, _ = obtain(
            ARCHIVES, [Mirror(f"{server.url}/good", "good")], tmp_path / "file" / "cache"
        )
    assert contents == GOOD


def test_a_file_that_would_unpack_without_end_costs_no_memory():
    bomb = gzip.compress(bytes(10**8))
    tracemalloc.start()
    with pytest.raises(DataError, match="more than 23,536 bytes"):
        verified(bomb, IMAGES, ARCHIVES)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10**6


def run_child(code, **pipes):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, **pipes)


def test_kill_in_mid_download_leaves_nothing(server, tmp_path):
    cache = tmp_path / "cache"
    child = run_child(
        "from pathlib import Path\n"
        "from d2l_bn.data.cache import obtain\n"
        "from d2l_bn.data.idx import Archive\n"
        "from d2l_bn.data.sources import Mirror\n"
        f"archives = {ARCHIVES!r}\n"
        f'mirror = Mirror({server.url + "/stall"!r}, "stalling", patience=60)\n'
        f"obtain(archives, [mirror], Path({str(cache)!r}))\n"
    )
    assert server.half_sent.wait(60)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not cache.exists()


def test_kill_in_mid_write_leaves_the_old_file_and_the_rest_is_swept(server, tmp_path):
    """The kernel ends the child in the middle of its write, at a file size limit."""
    cache = fill(tmp_path / "cache", {"train-images": b"old"})
    child = run_child(
        "import resource, signal\n"
        "from pathlib import Path\n"
        "from d2l_bn._support.atomic_write import replacing\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        f"with replacing(Path({str(cache / 'train-images')!r})) as part:\n"
        "    part.write_bytes(bytes(20_000))\n"
    )
    assert child.wait() == -signal.SIGXFSZ
    assert (cache / "train-images").read_bytes() == b"old"
    (part,) = cache.glob("*.part")
    assert part.stat().st_size == 5000

    good = Mirror(f"{server.url}/good", "good")
    obtain(ARCHIVES, [good], cache)
    assert sorted(path.name for path in cache.iterdir()) == sorted(CONTENTS)


def test_the_standard_order(monkeypatch, tmp_path):
    monkeypatch.setenv("D2L_BN_DATA", str(tmp_path))
    monkeypatch.setenv("D2L_BN_CACHE", str(tmp_path / "cache"))
    sources = standard_sources(cache_folder())
    assert [source.name for source in sources] == [
        "D2L_BN_DATA",
        "cache",
        "installed Debian package",
        "publisher on GitHub",
        "publisher on S3",
        "MXNet on S3",
        "Debian package by apt-get download",
    ]
    assert (sources[0].path, sources[1].path) == (tmp_path, tmp_path / "cache")
    assert [source.local for source in sources] == [True] * 3 + [False] * 4
    assert cache_folder(tmp_path / "other") == tmp_path / "other"
    monkeypatch.delenv("D2L_BN_DATA")
    assert standard_sources(tmp_path)[0].name == "cache"


def tools(folder, apt_get):
    """Stand-ins for apt-get and dpkg-deb that behave like them, without a network."""
    package = fill(folder / "package", compress=True)
    target = "unpacked/usr/share/datasets/fashion-mnist"
    scripts = {
        "apt-get": apt_get,
        "dpkg-deb": f"mkdir -p {target} && cp {package}/* {target}/",
    }
    for name, body in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_debian_package(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", tools(tmp_path, "touch dataset.deb"))
    assert DebianPackage().fetch(ARCHIVES) == GOOD


def test_debian_package_without_lists_says_how_to_get_them(monkeypatch, tmp_path):
    refusal = "echo 'E: Unable to locate package dataset-fashion-mnist' >&2; exit 100"
    monkeypatch.setenv("PATH", tools(tmp_path, refusal))
    with pytest.raises(OSError, match="Unable to locate package .* sudo apt-get update"):
        DebianPackage().fetch(ARCHIVES)


def test_debian_package_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no apt-get"):
        DebianPackage().fetch(ARCHIVES)


def test_parse_reads_shape_and_values_without_a_copy():
    content = CONTENTS["train-images"]
    images = parse(content)
    assert images.shape == (30, 28, 28)
    assert images.tobytes() == content[16:]
    assert not images.flags.owndata and not images.flags.writeable
