#!/usr/bin/env python3
"""Measure the training techniques of notebook 16.

Appends a line of JSON to the file for each run that is not in it yet; after a kill or Ctrl-C the
same command goes on where it was.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _arguments import ArgumentParser, fail

from d2l_bn._support.environment import describe_environment
from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.experiments.record_file import RecordFile
from d2l_bn.experiments.technique_trials import PARTS, measure, small


def main(arguments: list[str] | None = None) -> int:
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("parts", nargs="*", metavar="part", help=f"some of {', '.join(PARTS)}; all unless given")
    add("--small", action="store_true", help="200 examples, one epoch: to see that it runs")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, default=Path("results/techniques.jsonl"), help="file to write")
    options = parser.parse_args(arguments)
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"no part {name!r}; expected some of {', '.join(PARTS)}")
    if options.small and options.out == Path("results/techniques.jsonl"):
        parser.error("--small does not go into the results that are kept; name a file with --out")
    try:
        run(options.parts or list(PARTS), options)
    except KeyboardInterrupt:
        return fail("stopped; the same command goes on", 130)
    except (DataError, BlockingIOError, ValueError) as error:
        return fail(error)
    return 0


def run(parts: list[str], options: object) -> None:
    with RecordFile(options.out, describe_environment()) as records:
        done = [(record["part"], record["case"]) for record in records.read()]
        for part in parts:
            cases = [small(case) if options.small else case for case in PARTS[part].cases]
            for number, case in enumerate(cases, start=1):
                if (part, case) in done:
                    continue
                start = time.perf_counter()
                record = measure(part, case, options.data)
                seconds = round(time.perf_counter() - start, 2)
                records.append({**record, "seconds": seconds, "data": options.data})
                print(f"{part} {number} of {len(cases)}: {seconds} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
