r"""Several devices: statistics of each one's own images, or of all."""

from __future__ import annotations

from functools import partial

from d2l_bn.experiments.claims.runs import accuracy_claim, chosen
from d2l_bn.experiments.claims.sources import COURSE
from d2l_bn.experiments.judgement import FIRST_LEARNED, Contrast

__all__ = ["CLAIMS"]

STUDY = "device_statistics"


def _shared_against_own(*images: int) -> dict[str, Contrast]:
    shared = chosen(STUDY, examples_per_device=None)
    return {
        f"{n} images a device": Contrast(shared, chosen(STUDY, examples_per_device=n))
        for n in images
    }


_claim = partial(
    accuracy_claim,
    studies=(STUDY,),
    source=COURSE,
    topic="small batches",
    effect="test accuracy, statistics of all devices minus each device's own",
    requires=(FIRST_LEARNED,),
)

CLAIMS = [
    _claim(
        "devices_need_shared_statistics",
        "with two or four images on a device, BN needs the statistics of all devices",
        partial(_shared_against_own, 2, 4),
    ),
    _claim(
        "sixteen_images_need_none",
        "with sixteen images on a device, its own statistics do",
        partial(_shared_against_own, 16),
        kind="equal",
    ),
]
