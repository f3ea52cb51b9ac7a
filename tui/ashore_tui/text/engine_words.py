"""The engine's sentences that are put together from parts, and its words: written out, as a catalogue needs them.

Sentences that stand in the engine as one text are found by `extract`. `{names}` are values; one that is a word of
WORDS or a part of PARTS is translated too.
"""

from __future__ import annotations

WORDS = (
    # what partitions are for (storage/partition_types.py)
    "Linux data",
    "Linux swap",
    "Linux root",
    "BIOS boot",
    "EFI system partition",
    "Windows data",
    "Windows reserved",
    "Windows recovery",
    "extended partition",
    # what stands on disks and above them (storage/view_stacks.py, view_words.py, losses.py)
    "volume group",
    "logical volume",
    "thin pool",
    "thin volume",
    "btrfs volume",
    "subvolume",
    "btrfs subvolume",
    "partition",
    "array",
    "group",
    "volume",
    "disk",
    "encrypted",
    "LVM physical volume",
    "RAID member",
    "swap space",
    "disks that are missing",
    "its boot loader",
    "the passphrase",
    "the TPM",
    "the TPM with a PIN",
    "a recovery key",
    "a backup passphrase",
    # why a disk can't be used (storage/destinations.py)
    "it is the medium that this system was started from",
    "it is read-only",
    # what payload/steps.py counts
    "layers",
    "files",
)

PARTS = (
    # why something could not be fetched (payload/package_reasons.py)
    "the server wants another user name or password ({said})",
    "the proxy wants another user name or password ({said})",
    "nothing came for so long that it was given up ({said})",
    "the client certificate or its key can't be used ({said})",
    "the server's certificate is not from an authority that is trusted ({said})",
    "the certificate of the authority can't be read ({said})",
    "the encrypted connection was refused ({said})",
    "in the array {name}",
    "in the group {name}",
    "btrfs, one of {count}",
    "LUKS1: {inside}",
    "LUKS2: {inside}",
    "{level} array",
    "it is in use: {use}",
    "it has only {size}",
    "{first} and {last}",
    "{names}, with {spares} to spare",
    "{count} volume",
    "{count} volumes",
    "{count} of its disks missing",
    "partition {number} of {disk}",
    "{size} of data",
    "the subvolumes {names}",
    "with {format} “{label}” for {place}",
    "with {format} for {place}",
    "with {format} “{label}”",
    "with {format} for the firmware",
    "with {format}",
    "for GRUB",
    "for the firmware",
    "for {place}",
    "data {profile}",
    "metadata {profile}",
)

ACTIONS = (
    # storage/sentences.py
    "Remove the {kind} {name}",
    "Remove the {kind} {name} ({size})",
    "Erase {disk} ({size}) and give it a new {table} partition table",
    "Delete {name}",
    "Delete {name} ({facts})",
    "Shrink {name} from {was} to {size}",
    "Shrink {name} with the {format} in it from {was} to {size}",
    "Enlarge {name} from {was} to {size}",
    "Enlarge {name} with the {format} in it from {was} to {size}",
    "Make the {kind} {name} ({size})",
    "Make the {kind} {name} ({size}) {made}",
    "Make the {level} array {name} ({size}) of {members}",
    "Make the {level} array {name} ({size}) of {members} with {format} for {place}",
    "Make the {level} array {name} ({size}) of {members} with {format} “{label}” for {place}",
    "Make the {level} array {name} ({size}) of {members} with {format}",
    "Open the encrypted device {name}",
    "Encrypt {name} with {luks}",
    "Encrypt {name} with {luks}, to be opened by {keys}",
    "Encrypt {name} with {luks}, to be opened by {keys}, and make {format} for {place}",
    "Encrypt {name} with {luks}, to be opened by {keys}, and make {format} “{label}” for {place}",
    "Encrypt {name} with {luks}, to be opened by {keys}, and make {format}",
    "Make the volume group {name} of {members}",
    "Add {members} to the volume group {name}",
    "Use the volume group {name}",
    "Format {name} {made}",
    "Wipe {name}",
    "Make the btrfs volume on {members}",
    "Make the btrfs volume on {members} for {place}",
    "Make the btrfs volume “{label}” on {members}",
    "Make the btrfs volume “{label}” on {members} for {place}",
    "Make the btrfs volume on {members} ({profiles})",
    "Make the btrfs volume on {members} ({profiles}) for {place}",
    "Make the btrfs volume “{label}” on {members} ({profiles})",
    "Make the btrfs volume “{label}” on {members} ({profiles}) for {place}",
    "Make the subvolume {name}",
    "Make the subvolume {name} for {place}",
    "Use {name} as it is for {place}",
    "Use the subvolume {name} as it is for {place}",
    "Set up compressed swap space in memory ({size} MiB, {algorithm})",
)

LOSSES = (
    # storage/losses.py
    "{system} on {device} is lost.",
    "{system} on {device} stays, but loses {mounts}.",
    "{disk} is erased. It loses its partition table.",
    "{disk} is erased. It loses its partition table and every partition on it.",
    "{disk} is erased. It loses its {format} content.",
    "{disk} is erased. It has no partition table that can be read; whatever is on it is lost.",
    "{name} ({facts}) is deleted with everything in it.",
    "{name} ({facts}) is formatted as {format}; everything in it is lost.",
    "The {level} array {name} on {members} ({facts}) is removed with everything in it.",
    "The {level} array {name} on {members} ({facts}) is formatted as {format}; everything in it is lost.",
    "The volume group {name} on {members} ({facts}) is removed.",
    "The logical volume {name} ({facts}) is removed with everything in it.",
    "The logical volume {name} ({facts}) is formatted as {format}; everything in it is lost.",
    "The btrfs volume {name} on {members} is lost.",
    "The btrfs volume {name} on {members} is lost with {facts}.",
    "The subvolume {path} of the btrfs volume {name} on {members} is removed with everything in it.",
)

NOTES = (
    # boot/steps.py, payload/steps.py
    "The kernel arguments are: {arguments}",
    # storage/reinstall.py
    "{message} Or it is encrypted, so that it can't be seen.",
)

ALL = (*WORDS, *PARTS, *ACTIONS, *LOSSES, *NOTES)
