"""An ISO made of a cached runtime and a local image, against `cp` of that ISO: the same bytes to the same disk.

The first bake of an image also looks through its layers; a later one finds that in the cache. Both are measured.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ashore_installer.run import Commands
from ashore_isogen.build import BuildRequest, build_iso
from ashore_isogen.cache import Cache
from ashore_isogen.report import Quiet
from ashore_isogen.runtime import ensure_live
from ashore_isogen.sample.build import ensure_sample
from tests.bench.frame import Comparison, measure_call, measure_program


def compare(work: Path) -> tuple[Comparison, ...]:
    """Bake the first version of the sample twice, and copy what came out. Needs no root once both are cached."""
    layout, live = ensure_sample(report=Quiet()), ensure_live(Quiet())

    def bake(name: str, cache: Cache) -> Callable[[], object]:
        request = BuildRequest(image=f"oci:{layout}:1", output=work / name, target="docker://registry.example/os:1")
        return lambda: build_iso(request, live, Commands(), Quiet(), cache=cache)

    cache = Cache(work / "cache")
    bake("warm.iso", Cache(work / "unused"))()  # so that each of the measured ways finds its inputs in memory
    first = measure_call("ashore iso build, first time", bake("first.iso", cache))
    again = measure_call("ashore iso build, again", bake("again.iso", cache))
    copy = measure_program("cp", ["cp", "--reflink=never", work / "again.iso", work / "copy.iso"])
    return (
        Comparison(title="Bake an ISO, its image never seen before", ours=first, plain=copy),
        Comparison(title="Bake an ISO again", ours=again, plain=copy),
    )
