"""Keys beside the passphrase: what is run, what is written for the first boot, and that no secret is seen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ashore_installer.configure import certificates
from ashore_installer.configure.check import check_system
from ashore_installer.configure.enrol import DIRECTORY, SCRIPT, UNIT_PATH, WANTED, enrol_files
from ashore_installer.configure.key_steps import EnrolKeys, FetchCertificates, needs_keys
from ashore_installer.configure.keys import CREDENTIALS
from ashore_installer.context import Context
from ashore_installer.errors import InstallerError
from ashore_installer.events import Event, Note
from ashore_installer.run import Commands
from ashore_installer.secret import Secret
from ashore_installer.steps import steps_for
from ashore_installer.storage_plan import Encryption, StoragePlan, Tpm2
from tests.fakes.runner import Answer, Call, FakeRunner
from tests.fakes.values import a_machine, a_plan, an_image
from tests.installer.stacks import LUKS_UUIDS, PASSPHRASE, luks_lvm

PIN = Secret("2468-pin")
WITH_PIN = Encryption(passphrase=PASSPHRASE, tpm2=Tpm2(pcrs=(4, 7), pin=PIN))
BACKUP = Encryption(passphrase=PASSPHRASE, backup_passphrase=True, escrow_certificate="https://keys.example/cert.pem")


@dataclass(frozen=True)
class Rig:
    """A context on directories; what would be the mounted new system is an empty directory: `chroot`."""

    context: Context
    runner: FakeRunner
    events: list[Event]
    chroot: Path

    def enrol(self) -> None:
        EnrolKeys(storage=self.context.plan.storage).run(self.context)

    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Note)]


def a_rig(tmp_path: Path, encryption: Encryption, *answers: Answer) -> Rig:
    target, chroot = tmp_path / "target", tmp_path / "chroot"
    root = target / "ostree/deploy/default/deploy/abc.0"
    (root / "etc/systemd/system").mkdir(parents=True)
    (chroot / "run").mkdir(parents=True)
    (chroot / "root").symlink_to("var/roothome")
    runner, events = FakeRunner(*answers), list[Event]()
    context = Context(
        plan=a_plan(storage=luks_lvm(encryption)),
        machine=a_machine(tpm2=True),
        payload=an_image(),
        run=runner,
        listener=events.append,
        log_file=tmp_path / "ashore.log",
        target=target,
        deployment=root,
        uuids=dict(LUKS_UUIDS),
        devices={"crypt": "/dev/vda3", "crypt-srv": "/dev/vda4"},
    )
    return Rig(context, runner, events, chroot)


def test_a_first_key_without_registers_goes_into_the_tpm(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, Encryption(passphrase=PASSPHRASE, tpm2=Tpm2()))
    rig.enrol()
    (call,) = rig.runner.ran("systemd-cryptenroll")
    assert call.argv[call.argv.index("systemd-cryptenroll") :] == (
        "systemd-cryptenroll", "--tpm2-device=auto", "--tpm2-pcrs=", "--tpm2-with-pin=no", "--tpm2-pcrlock=",
        "--unlock-key-file=/dev/stdin", "/dev/vda3",
    )  # fmt: skip
    assert call.argv[:2] == ("env", "-i")  # the image's own
    assert call.stdin == b"open sesame"
    root = rig.context.root()
    assert (root / WANTED.lstrip("/")).readlink() == Path(UNIT_PATH)
    assert (root / UNIT_PATH.lstrip("/")).stat().st_mode & 0o777 == 0o644
    device = root / f"{DIRECTORY}/devices/c-1".lstrip("/")
    assert device.read_text() == "--tpm2-pcrs=7\n--tpm2-with-pin=no\n"
    assert not (root / f"{DIRECTORY}/credentials".lstrip("/")).exists()


def test_a_pin_is_in_no_argument_and_in_no_file_that_others_can_read(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []

    def look(_call: Call) -> None:
        file = tmp_path / "chroot" / CREDENTIALS.lstrip("/") / "cryptenroll.new-tpm2-pin"
        seen.append((file.read_text(), file.stat().st_mode & 0o777))

    rig = a_rig(tmp_path, WITH_PIN, Answer(words=("systemd-cryptenroll",), effect=look))
    rig.enrol()
    (call,) = rig.runner.ran("systemd-cryptenroll")
    assert ("env", f"CREDENTIALS_DIRECTORY={CREDENTIALS}", "systemd-cryptenroll") in zip(
        call.argv, call.argv[1:], call.argv[2:], strict=False
    )
    assert "--tpm2-with-pin=yes" in call.argv
    assert seen == [("2468-pin", 0o600)]
    assert not (rig.chroot / CREDENTIALS.lstrip("/")).exists()
    assert not any("2468" in word for argv in rig.runner.argvs for word in argv)
    root = rig.context.root()
    kept = [path for path in root.rglob("*") if path.is_file() and "2468" in path.read_text()]
    assert {path.name for path in kept} == {"cryptenroll.tpm2-pin", "cryptenroll.new-tpm2-pin"}
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


def test_a_tpm_that_refuses_ends_the_installation_without_leaving_the_pin(tmp_path: Path) -> None:
    rig = a_rig(tmp_path, WITH_PIN, Answer(words=("systemd-cryptenroll",), status=1, stderr="no TPM"))
    with pytest.raises(InstallerError, match="no TPM"):
        rig.enrol()
    assert not (rig.chroot / CREDENTIALS.lstrip("/")).exists()


def test_a_backup_passphrase_is_added_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    given: list[bytes] = []
    encrypt = Answer(words=("openssl", "cms"), output="-----BEGIN CMS-----\n", effect=lambda c: given.append(c.stdin))
    rig = a_rig(tmp_path, BACKUP, encrypt)
    rig.enrol()
    (added,) = rig.runner.ran("luksAddKey")
    assert added.argv == ("cryptsetup", "--batch-mode", "luksAddKey", "/dev/vda3")
    old, new, rest = added.stdin.split(b"\n")
    assert (old, rest) == (b"open sesame", b"")
    assert given == [new]
    assert len(new) == 35
    (call,) = rig.runner.ran("openssl", "cms")
    assert call.argv[-1] == str(certificates.place(tmp_path / "certificates", BACKUP.escrow_certificate))
    file = rig.chroot / "var/roothome/c-1-backup-passphrase.pem"
    assert file.read_text() == "-----BEGIN CMS-----\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert not any(new.decode() in text for text in (*rig.notes(), *(w for argv in rig.runner.argvs for w in argv)))
    assert not (rig.context.root() / UNIT_PATH.lstrip("/")).exists()


def test_backup_passphrases_are_random(tmp_path: Path) -> None:
    found = set()
    for number in range(3):
        rig = a_rig(tmp_path / str(number), BACKUP)
        rig.enrol()
        found.add(rig.runner.ran("luksAddKey")[0].stdin)
    assert len(found) == 3


@pytest.mark.parametrize(("change", "message"), [("devices", "has no device"), ("passphrase", "no passphrase")])
def test_what_is_missing_is_named(tmp_path: Path, change: str, message: str) -> None:
    rig = a_rig(tmp_path, Encryption(tpm2=Tpm2()) if change == "passphrase" else WITH_PIN)
    if change == "devices":
        rig.context.devices.clear()
    with pytest.raises(InstallerError, match=message):
        rig.enrol()


# --- the first boot ------------------------------------------------------------------------------------------

CRYPTENROLL = """#!/bin/sh
pin=none
if [ -f "$CREDENTIALS_DIRECTORY/cryptenroll.tpm2-pin" ]; then
  pin=$(cat "$CREDENTIALS_DIRECTORY/cryptenroll.tpm2-pin" "$CREDENTIALS_DIRECTORY/cryptenroll.new-tpm2-pin")
fi
echo "$* $pin" >>@LOG@
test ! -e @FAIL@
"""


@dataclass(frozen=True)
class FirstBoot:
    """The unit's script in a directory of its own, with a systemd-cryptenroll that writes down how it was called."""

    root: Path
    bin: Path

    def run(self) -> int:
        script = self.root / SCRIPT.lstrip("/")
        path = f"{self.bin}:/usr/bin:/bin"
        return subprocess.run(["/bin/sh", script], env={"PATH": path}, check=False, capture_output=True).returncode

    def calls(self) -> list[str]:
        return (self.bin / "log").read_text().splitlines()


def first_boot(tmp_path: Path, encryption: Encryption) -> FirstBoot:
    root, programs = tmp_path / "root", tmp_path / "bin"
    for path, text in enrol_files(luks_lvm(encryption), LUKS_UUIDS).items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("/etc/", f"{root}/etc/"))
    programs.mkdir()
    program = programs / "systemd-cryptenroll"
    program.write_text(CRYPTENROLL.replace("@LOG@", f"{programs}/log").replace("@FAIL@", f"{programs}/fail"))
    program.chmod(0o755)
    return FirstBoot(root, programs)


@pytest.mark.parametrize(("encryption", "pin"), [(replace(WITH_PIN, tpm2=Tpm2(pcrs=(4, 7))), "no"), (WITH_PIN, "yes")])
def test_the_first_boot_binds_the_key_and_removes_every_trace(tmp_path: Path, encryption: Encryption, pin: str) -> None:
    boot = first_boot(tmp_path, encryption)
    assert boot.run() == 0
    assert boot.calls() == [
        "--unlock-tpm2-device=auto --tpm2-device=auto --tpm2-pcrs=4+7 "
        f"--tpm2-with-pin={pin} --wipe-slot=tpm2 /dev/disk/by-uuid/c-1 "
        + ("2468-pin2468-pin" if pin == "yes" else "none")
    ]
    assert [path for path in boot.root.rglob("*") if path.is_file()] == []


def test_what_did_not_work_is_tried_again_at_the_next_boot(tmp_path: Path) -> None:
    boot = first_boot(tmp_path, WITH_PIN)
    (boot.bin / "fail").touch()
    assert boot.run() == 1
    assert (boot.root / f"{DIRECTORY}/devices/c-1".lstrip("/")).exists()
    assert (boot.root / UNIT_PATH.lstrip("/")).exists()
    (boot.bin / "fail").unlink()
    assert boot.run() == 0
    assert len(boot.calls()) == 2
    assert not (boot.root / UNIT_PATH.lstrip("/")).exists()


# --- checks --------------------------------------------------------------------------------------------------


def messages(storage: StoragePlan, *programs: str) -> list[str]:
    plan = a_plan(storage=storage)
    return [problem.message for problem in check_system(plan, an_image(programs=programs))]


def test_registers_that_change_while_a_system_runs_are_refused() -> None:
    assert messages(luks_lvm(WITH_PIN), "unlock-tpm2") == []
    (message,) = messages(luks_lvm(replace(WITH_PIN, tpm2=Tpm2(pcrs=(7, 11)))), "unlock-tpm2")
    assert "register 11 changes" in message


def test_a_pin_needs_an_encrypted_root() -> None:
    storage = luks_lvm(Encryption(passphrase=PASSPHRASE))
    first, second = storage.encrypted
    storage = replace(storage, encrypted=(first, replace(second, encryption=WITH_PIN)))
    assert messages(storage, "unlock-tpm2") == []
    mounts = tuple(replace(one, device="boot") if one.path == "/" else one for one in storage.mounts)
    (message,) = messages(replace(storage, mounts=mounts), "unlock-tpm2")
    assert "root file system is not encrypted" in message


def test_an_older_systemd_is_refused_if_it_is_known() -> None:
    (message,) = messages(luks_lvm(WITH_PIN), "systemd-cryptenroll", "tss2")
    assert "systemd 256" in message
    assert messages(luks_lvm(WITH_PIN)) == []


def test_steps_are_there_when_they_have_something_to_do() -> None:
    def ids(encryption: Encryption) -> set[str]:
        return {step.id for step in steps_for(a_plan(storage=luks_lvm(encryption)))}

    assert not {"enrol-keys", "fetch-certificates"} & ids(Encryption(passphrase=PASSPHRASE))
    assert {"enrol-keys", "fetch-certificates"} & ids(WITH_PIN) == {"enrol-keys"}
    assert {"enrol-keys", "fetch-certificates"} <= ids(BACKUP)
    assert [needs_keys(plan) for plan in luks_lvm(WITH_PIN).encrypted] == [True, False]


# --- certificates --------------------------------------------------------------------------------------------


def certificate(tmp_path: Path) -> Path:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "2")
    subprocess.run([*request, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert


def test_a_certificate_is_fetched_and_encrypts_for_its_owner(tmp_path: Path) -> None:
    cert = certificate(tmp_path)
    rig = a_rig(tmp_path, replace(BACKUP, escrow_certificate=f"file://{cert}"))
    rig.context.run = Commands()
    FetchCertificates(storage=rig.context.plan.storage).run(rig.context)
    place = certificates.place(tmp_path / "certificates", f"file://{cert}")
    encrypt = ("openssl", "cms", "-encrypt", "-aes-256-cbc", "-binary", "-outform", "PEM", place)
    text = Commands().run(encrypt, stdin=b"a backup")
    decrypt = ("openssl", "cms", "-decrypt", "-inform", "PEM", "-inkey", tmp_path / "key.pem")
    assert Commands().run(decrypt, stdin=text.encode()) == "a backup"


def nothing(path: Path) -> str:
    return f"file://{path}/nothing"


def no_certificate(path: Path) -> str:
    (path / "text").write_text("no certificate")
    return f"file://{path}/text"


def too_large(path: Path) -> str:
    (path / "large").write_bytes(b"x" * (certificates.LIMIT + 1))
    return f"file://{path}/large"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (nothing, "can't be fetched"),
        (no_certificate, "no X.509 certificate"),
        (too_large, "too large"),
        (lambda _path: "ftp://keys.example/cert", "can't be fetched from"),
        (lambda _path: "file://other.example/cert", "can't be fetched from"),
    ],
)
def test_bad_certificates_are_refused_before_the_first_write(
    tmp_path: Path, url: Callable[[Path], str], message: str
) -> None:
    assert not FetchCertificates.writes
    with pytest.raises(InstallerError, match=message):
        certificates.fetch(Commands(), url(tmp_path), tmp_path / "kept/cert.pem")
    assert not (tmp_path / "kept/cert.raw").exists()
