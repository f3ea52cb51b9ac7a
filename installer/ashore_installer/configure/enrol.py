"""Binding a disk's key to the TPM registers of the installed system, which only that system can read.

A TPM gives a key back only while its registers (PCRs) have the values that the key was bound to. They depend on what
was booted, and while a system is installed that is the installation medium. So it is done in two steps:

1. During the installation the image's systemd-cryptenroll puts a first key into the TPM that is bound to no register,
   and to the PIN if there is one: the first boot needs no passphrase.
2. In the first boot a unit of the installed system (`ashore-enrol.service`) makes the key that was asked for, bound to
   the registers as they are there, and wipes the first one. It runs again at each boot until that has worked, and then
   removes itself. It opens the disk with the first key (`--unlock-tpm2-device=`, systemd 256 and newer).

The window, honestly: from the end of the installation until that unit has run, whoever has the machine and boots
anything at all on it can have the TPM give the first key back, and so read the disk (with a PIN: only who knows it, or
who guesses it against the TPM's lockout). Boot the machine once before it leaves your hands. The passphrase always
stays as the way in when the registers have changed, as after an update of the firmware.

The PIN waits for the first boot in a file of the new root file system, which is encrypted itself (`check_enrol`), and
is deleted with the rest. Registers that change while a system runs can't be used: the values that the unit would bind
to are not those that the initramfs will find.

Source: systemd-cryptenroll(1) of systemd 262; its `CREDENTIALS` for how it is given PINs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ashore_installer.boot.stack import below, luks_uuid
from ashore_installer.payload_info import PayloadInfo
from ashore_installer.plan import Problem
from ashore_installer.storage_plan import EncryptionPlan, StoragePlan, Tpm2

UNIT = "ashore-enrol.service"
UNIT_PATH = f"/etc/systemd/system/{UNIT}"
WANTED = f"/etc/systemd/system/multi-user.target.wants/{UNIT}"
DIRECTORY = "/etc/ashore-enrol"
SCRIPT = f"{DIRECTORY}/enrol.sh"
OLD_PIN, NEW_PIN = "cryptenroll.tpm2-pin", "cryptenroll.new-tpm2-pin"
"""Names of systemd-cryptenroll's credentials."""

CHANGING = frozenset({10, 11, 15, 16, 23})
"""Written to by a running system: IMA, boot phases, volume keys and machine-id, debugging, applications (UAPI.7)."""

_UNIT_TEXT = f"""\
# Written by Ashore; it removes itself when it has done its work.
[Unit]
Description=Bind disk encryption keys to this system's TPM state
Documentation=man:systemd-cryptenroll(1)
ConditionDirectoryNotEmpty={DIRECTORY}/devices
ConditionPathExistsGlob=/dev/tpmrm*
After=cryptsetup.target tpm2.target local-fs.target

[Service]
Type=oneshot
TimeoutStartSec=180
ExecStart=/bin/sh {SCRIPT}

[Install]
WantedBy=multi-user.target
"""

_SCRIPT_TEXT = f"""\
# Written by Ashore. Each file in devices/ is named by the LUKS UUID of a device and has options of systemd-cryptenroll.
directory={DIRECTORY}
failed=0
for file in "$directory"/devices/*; do
  uuid=${{file##*/}}
  CREDENTIALS_DIRECTORY=$directory/credentials/$uuid
  export CREDENTIALS_DIRECTORY
  set --
  while read -r option; do set -- "$@" "$option"; done <"$file"
  if systemd-cryptenroll --unlock-tpm2-device=auto --tpm2-device=auto "$@" --wipe-slot=tpm2 \\
      "/dev/disk/by-uuid/$uuid" </dev/null; then
    rm -rf "$file" "$CREDENTIALS_DIRECTORY"
  else
    echo "The key of the encrypted device $uuid is not bound to this system's state; the next boot tries again." >&2
    failed=1
  fi
done
if [ "$failed" = 0 ]; then
  rm -rf "$directory" {UNIT_PATH} {WANTED}
fi
exit "$failed"
"""


def by_tpm(storage: StoragePlan) -> tuple[tuple[EncryptionPlan, Tpm2], ...]:
    """The encrypted devices that a TPM is to open, and how."""
    return tuple((plan, plan.encryption.tpm2) for plan in storage.encrypted if plan.encryption.tpm2)


def enrol_files(storage: StoragePlan, uuids: Mapping[str, str]) -> dict[str, str]:
    """Path and text of every file of the unit, all for root only; empty when no device is opened by a TPM."""
    files: dict[str, str] = {}
    for plan, tpm2 in by_tpm(storage):
        uuid = luks_uuid(plan, uuids)
        files[f"{DIRECTORY}/devices/{uuid}"] = "".join(f"{option}\n" for option in tpm_options(tpm2.pcrs, tpm2))
        if tpm2.pin:
            for name in (OLD_PIN, NEW_PIN):
                files[f"{DIRECTORY}/credentials/{uuid}/{name}"] = tpm2.pin.reveal()
    return files | {SCRIPT: _SCRIPT_TEXT, UNIT_PATH: _UNIT_TEXT} if files else {}


def tpm_options(pcrs: Iterable[int], tpm2: Tpm2) -> tuple[str, ...]:
    """What a key is bound to, as options of systemd-cryptenroll."""
    with_pin = "yes" if tpm2.pin else "no"
    return (f"--tpm2-pcrs={'+'.join(str(pcr) for pcr in pcrs)}", f"--tpm2-with-pin={with_pin}")


def check_enrol(storage: StoragePlan, image: PayloadInfo) -> Iterable[Problem]:
    """Why keys could not be bound to a TPM in the two steps above."""
    field = "storage.encrypted"
    for _, tpm2 in by_tpm(storage):
        changing = sorted(CHANGING.intersection(tpm2.pcrs))
        if changing:
            message = f"The TPM register {changing[0]} changes while a system runs: a key bound to it opens nothing."
            yield Problem(field=field, message=message, hint="Use registers 0 to 9 and 12 to 14; 7 is usual.")
        if tpm2.pin and not _encrypted_root(storage):
            message = "A PIN for the TPM has to wait for the first boot, and the root file system is not encrypted."
            yield Problem(field=field, message=message, hint="Encrypt the root too, or leave the PIN out.")
    if by_tpm(storage) and image.programs and "unlock-tpm2" not in image.programs:
        message = f"The systemd of {image.name} can't bind keys to a TPM anew: that needs systemd 256 or newer."
        yield Problem(field=field, message=message, hint="Leave the TPM out, or take a newer image.")


def _encrypted_root(storage: StoragePlan) -> bool:
    root = storage.mount("/")
    encrypted = {one.id for one in storage.encrypted}
    return root is not None and not encrypted.isdisjoint(below(storage, root.device))
