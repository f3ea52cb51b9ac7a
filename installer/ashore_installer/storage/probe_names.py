"""What devices are called in a MachineInfo, and which device a word of an fstab means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ashore_installer.storage.probe_busy import title
from ashore_installer.storage.records import BlockRecord, unescape_hex


class DeviceNames:
    """The devices of `records`. `ours` are names of arrays by those of their nodes, for arrays that we have started."""

    def __init__(self, records: Sequence[BlockRecord], ours: Mapping[str, str]) -> None:
        self._ours = ours
        self._named: dict[str, list[BlockRecord]] = defaultdict(list)
        for one in records:
            for word in {*one.nodes, *_tags(one)}:
                self._named[word].append(one)

    def name(self, device: BlockRecord) -> str:
        """`vda2`, `vg/home`, the name of an array; an opened LUKS device is `dm-0`."""
        if device.properties.get("DM_VG_NAME"):
            return title(device)
        return self._ours.get(device.name, device.name)

    def node(self, path: str) -> BlockRecord | None:
        """The device at a path below /dev."""
        return next(iter(self._named.get(path, ())), None)

    def meant(self, word: str, beside: BlockRecord) -> BlockRecord | None:
        """The device that an fstab means. Of several (copies of a disk) that on the disk of `beside`, or none."""
        key, _, value = word.partition("=")
        value = value.strip('"')
        word = f"{key}={value}" if value else word
        found = self._named.get(word) or self._named.get(f"{key}={value.lower()}", [])
        if len(found) > 1:
            found = [one for one in found if (one.disk or one.name) == (beside.disk or beside.name)]
        return found[0] if len(found) == 1 else None


def _tags(device: BlockRecord) -> set[str]:
    """The words that mount(8) finds the device by, besides its nodes."""
    facts = device.properties
    tags = {
        "UUID": device.uuid,
        "LABEL": device.label,
        "PARTUUID": facts.get("ID_PART_ENTRY_UUID", ""),
        "PARTLABEL": unescape_hex(facts.get("ID_PART_ENTRY_NAME", "")),
    }
    return {f"{key}={value}" for key, value in tags.items() if value}
