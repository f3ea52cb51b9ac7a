"""Layers as streams: decompression, digests, and tar entries."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ashore_installer.errors import InstallerError
from ashore_installer.image import LayerInfo
from ashore_installer.payload.layout import blob_path, open_image
from ashore_installer.payload.stream import ahead, layer_pieces
from ashore_installer.payload.tar import BadTar, Kind, TarEntry, TarReader, pax_records
from ashore_isogen.oci import Compression, Entry, Layer, directory, hardlink, regular, symlink, tar_bytes
from tests.installer.images import TAG, layout, spoil

MEDIA = "application/vnd.oci.image.layer.v1.tar"
CONTENT = bytes(range(256)) * 20_000  # 5 MB: several pieces


def stored(root: Path, blob: bytes, plain: bytes, suffix: str) -> LayerInfo:
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    path = blob_path(root, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(blob)
    diff_id = f"sha256:{hashlib.sha256(plain).hexdigest()}"
    return LayerInfo(digest=digest, size=len(blob), media_type=MEDIA + suffix, diff_id=diff_id)


@pytest.mark.parametrize("compression", list(Compression))
def test_every_compression_gives_the_tar_stream(tmp_path: Path, compression: Compression) -> None:
    entries = (directory("usr"), regular("usr/large", CONTENT), regular("usr/small", b"s"))
    layout(tmp_path, Layer(entries=entries, compression=compression))
    layer = open_image(tmp_path, TAG, "amd64").layers[0]
    counts: list[int] = []

    pieces = list(layer_pieces(tmp_path, layer, counts.append))

    assert b"".join(pieces) == tar_bytes(entries)
    assert max(map(len, pieces)) <= 1 << 20
    assert sum(counts) == layer.size


def test_gzip_members_and_zstd_frames_in_a_row_are_one_stream(tmp_path: Path) -> None:
    half = len(CONTENT) // 2
    members = gzip.compress(CONTENT[:half]) + gzip.compress(CONTENT[half:])
    zstd = zstandard.ZstdCompressor()
    skippable = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"chunk"
    frames = zstd.compress(CONTENT[:half]) + zstd.compress(CONTENT[half:]) + skippable
    for blob, suffix in ((members, "+gzip"), (frames, "+zstd")):
        assert b"".join(layer_pieces(tmp_path, stored(tmp_path, blob, CONTENT, suffix))) == CONTENT


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "+gzip": gzip.compress,
    "+zstd": lambda plain: zstandard.ZstdCompressor().compress(plain),
    "": bytes,
}


@pytest.mark.parametrize("suffix", ["+gzip", "+zstd", ""])
def test_a_changed_byte_is_noticed(tmp_path: Path, suffix: str) -> None:
    layer = stored(tmp_path, COMPRESS[suffix](CONTENT), CONTENT, suffix)
    spoil(tmp_path, layer.digest)

    with pytest.raises(InstallerError, match=layer.digest):
        list(layer_pieces(tmp_path, layer))


@pytest.mark.parametrize(("suffix", "cut"), [("+gzip", 9), ("+zstd", 9), ("+gzip", 3000)])
def test_a_stream_that_ends_too_early_is_noticed(tmp_path: Path, suffix: str, cut: int) -> None:
    layer = stored(tmp_path, COMPRESS[suffix](CONTENT)[:-cut], CONTENT, suffix)

    with pytest.raises(InstallerError, match=layer.digest):
        list(layer_pieces(tmp_path, layer))


def test_a_layer_that_is_not_the_configured_one_is_noticed(tmp_path: Path) -> None:
    layer = replace(stored(tmp_path, gzip.compress(CONTENT), CONTENT, "+gzip"), diff_id="sha256:" + "0" * 64)

    with pytest.raises(InstallerError, match="not the one that the image's configuration names"):
        list(layer_pieces(tmp_path, layer))


def test_zstd_may_not_ask_for_more_memory_than_is_usual(tmp_path: Path) -> None:
    frame = bytearray(zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 5000))
    frame[4] = 0x00  # frame header: no single segment, so that a window descriptor follows
    frame[5] = (31 - 10) << 3  # 2 GiB
    layer = stored(tmp_path, bytes(frame), b"x" * 5000, "+zstd")

    with pytest.raises(InstallerError, match="can't be decompressed"):
        list(layer_pieces(tmp_path, layer))


def test_an_unknown_compression_is_refused(tmp_path: Path) -> None:
    layer = replace(stored(tmp_path, b"x", b"x", ""), media_type="application/x-lzma")
    with pytest.raises(InstallerError, match="unknown type 'application/x-lzma'"):
        layer_pieces(tmp_path, layer)


def test_reading_ahead_gives_the_same_and_passes_errors_on() -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"%d" % n for n in range(50))
        raise InstallerError("broken")

    found = []
    stream = ahead(pieces())
    for _ in range(50):
        found.append(next(stream))
    assert found == [b"%d" % n for n in range(50)]
    with pytest.raises(InstallerError, match="broken"):
        next(stream)


def test_reading_ahead_ends_its_thread_when_nobody_reads_on() -> None:
    before = threading.active_count()
    stream = ahead(b"x" for _ in range(1000))
    next(stream)
    assert threading.active_count() == before + 1
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def entries(tar: bytes, size: int = 1000) -> list[TarEntry]:
    return list(TarReader(iter([tar[at : at + size] for at in range(0, len(tar), size)])))


def test_entries_have_all_that_a_layer_can_say() -> None:
    capability = b"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\xff"
    xattrs = (("user.z", b""), ("security.capability", capability))
    tar = tar_bytes(
        [
            directory("usr/bin", mode=0o1755, uid=3, gid=4),
            regular("usr/bin/ping", b"p" * 700, mode=0o4755, xattrs=xattrs),
            hardlink("usr/bin/ping6", "usr/bin/ping"),
            symlink("usr/bin/long", "../" + "x" * 300),
            regular(b"usr/" + b"n" * 200 + b"/caf\xc3\xa9", b"c", uid=1 << 31),
            regular(b"usr/latin-\xe9"),
        ]
    )  # fmt: skip

    found = entries(tar)

    assert [entry.kind for entry in found] == [Kind.DIRECTORY, Kind.FILE, Kind.HARDLINK, Kind.SYMLINK, *[Kind.FILE] * 2]
    assert (found[0].mode, found[0].uid, found[0].gid) == (0o1755, 3, 4)
    assert found[1].mode == 0o4755
    assert found[1].xattrs == ((b"security.capability", capability), (b"user.z", b""))
    assert found[2].target == "usr/bin/ping"
    assert found[3].target == "../" + "x" * 300
    assert (found[4].path, found[4].uid) == ("usr/" + "n" * 200 + "/café", 1 << 31)
    assert found[5].path.encode(errors="surrogateescape") == b"usr/latin-\xe9"


@pytest.mark.parametrize("style", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_other_writers_are_read(style: int) -> None:
    names = ["a", "d" * 90 + "/" + "f" * 90, *(["n" * 250] if style != tarfile.USTAR_FORMAT else [])]
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=style) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 5
            info.mtime = 1.5 if style == tarfile.PAX_FORMAT else -3 if style == tarfile.GNU_FORMAT else 7
            archive.addfile(info, io.BytesIO(b"hello"))

    reader = TarReader(iter([sink.getvalue()]))

    assert [(entry.path, reader.read(10)) for entry in reader] == [(name, b"hello") for name in names]


def test_content_comes_in_pieces_and_may_be_left() -> None:
    tar = tar_bytes([regular("a", CONTENT), regular("b", b"bb"), regular("c")])
    reader = TarReader(iter([tar[at : at + 4096] for at in range(0, len(tar), 4096)]))
    found = {}
    for entry in reader:
        if entry.path == "a":
            assert next(reader.content()) == CONTENT[: 4096 - 512]
        else:
            found[entry.path] = b"".join(reader.content())
    assert found == {"b": b"bb", "c": b""}


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=60).map(str.encode)


@given(st.lists(st.builds(regular, names, st.binary(max_size=1500)), max_size=6), st.integers(1, 900))
def test_what_is_written_is_read(wanted: list[Entry], size: int) -> None:
    tar = tar_bytes(wanted)
    reader = TarReader(iter([tar[at : at + size] for at in range(0, len(tar), size)]))
    found = [(entry.path.encode(errors="surrogateescape"), b"".join(reader.content())) for entry in reader]
    assert found == [(entry.path, entry.content) for entry in wanted]


@given(st.binary(max_size=2000))
def test_noise_is_refused_with_a_sentence(noise: bytes) -> None:
    if any(noise[:512]) or len(noise) < 512:
        with pytest.raises(BadTar):
            entries(noise)


def _field(tar: bytes, at: int, value: bytes) -> bytes:
    """A header with a field changed and its checksum made right."""
    header = bytearray(tar[:512])
    header[at : at + len(value)] = value
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + tar[512:]


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (124, b"-0000000001\0", "where a number belongs"),
        (124, b"\xff" * 12, "where a number belongs"),
        (124, b"zzz\0", "where a number belongs"),
        (124, b"\x80" + b"\xff" * 11, "ends too early"),
        (156, b"S", "type that container images don't have"),
        (156, b"M", "type that container images don't have"),
    ],
)
def test_hostile_headers_are_refused(at: int, value: bytes, message: str) -> None:
    with pytest.raises(BadTar, match=message):
        entries(_field(tar_bytes([regular("a", b"x")]), at, value))


def test_a_wrong_checksum_and_a_cut_stream_are_refused() -> None:
    tar = tar_bytes([regular("a", b"x" * 600)])
    with pytest.raises(BadTar, match="checksum"):
        entries(b"b" + tar[1:])
    with pytest.raises(BadTar, match="ends too early"):
        entries(tar[:700])


def test_a_header_without_end_is_refused() -> None:
    tar = _field(_field(tar_bytes([regular("a", b"x")]), 156, b"x"), 124, b"77777777777\0")
    with pytest.raises(BadTar, match="a header has 8589934591 bytes"):
        entries(tar)


@pytest.mark.parametrize("content", [b"5", b"x a=b\n", b"99 a=b\n", b"6 a=b", b"5 ab\n", b"0 a=b\n", b"-6 a=b\n"])
def test_malformed_pax_records_are_refused(content: bytes) -> None:
    with pytest.raises(BadTar, match="malformed"):
        pax_records(content)
