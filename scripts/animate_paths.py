#!/usr/bin/env python3
"""Race the optimizers over a surface, each with its best learning rate, and save it as a GIF.

Every rule tries the same sixteen learning rates first. Writes out/paths_SURFACE.gif, and prints the
steps that each needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from _arguments import ArgumentParser, fail, positive_int

from d2l_bn._support.atomic_write import replacing
from d2l_bn.descent.race import race
from d2l_bn.descent.surfaces import Beale, LongValley, Quadratic, Rosenbrock, SaddlePoint
from d2l_bn.figures import animate_paths

SURFACES = {
    "quadratic": Quadratic((1.0, 100.0)),
    "turned": Quadratic((1.0, 100.0), angle=0.5, y_range=(-3.0, 3.0), name="turned quadratic"),
    "valley": LongValley(),
    "saddle": SaddlePoint(),
    "beale": Beale(),
    "rosenbrock": Rosenbrock(),
}


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("surfaces", nargs="*", metavar="SURFACE", help=f"of {', '.join(SURFACES)}; all if none")
    add("--steps", type=positive_int, default=500, help="in the trials of the learning rates")
    add("--shown", type=positive_int, default=150, help="steps in the animation")
    add("--frames", type=positive_int, default=50, help="pictures, at least 2")
    add("--width", type=positive_int, default=540, help="in pixels")
    add("--out", type=Path, default=Path("out"), help="folder of the GIFs")
    options = parser.parse_args(arguments)
    for name in options.surfaces:
        if name not in SURFACES:
            parser.error(f"no surface {name!r}; expected some of {', '.join(SURFACES)}")
    if options.frames < 2:
        parser.error("--frames must be at least 2")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    for name in options.surfaces or SURFACES:
        surface = SURFACES[name]
        runs = race(surface, steps=options.steps)
        print(f"{surface.name}: steps to a ten thousandth of the first height")
        for label, run in runs.items():
            needed = f"{run.steps:5d}" if run.steps is not None else f"over {options.steps}"
            print(f"  {label:17} {needed:>9}  (learning rate {run.rate:g})")
        gif = animate_paths(
            surface,
            {label: run.path.first(options.shown) for label, run in runs.items()},
            title=surface.name,
            frames=options.frames,
            width=options.width,
        )
        path = options.out / f"paths_{name}.gif"
        try:
            with replacing(path) as temporary:
                temporary.write_bytes(gif)
        except OSError as error:
            return fail(error)
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
