from __future__ import annotations

from pathlib import Path

from ashore_installer.errors import ExitStatus
from ashore_installer.storage_plan import Format
from ashore_installer.storage_request import Scheme
from ashore_tui.flow.destination import Way, form_of, usual_disks
from ashore_tui.flow.destination_choices import ways
from tests.fakes.machines import recorded
from tests.tui.fakes import EMBEDDED
from tests.tui.flow_values import REMOTE, PlanningEngine
from tests.tui.lines.scripted import sit
from tests.tui.lines.ways import DISK, KEY, LANGUAGE, MODE, ON, PASSWORD, WORD


def test_language_keyboard_time_and_boot_options(tmp_path: Path) -> None:
    answers = (
        "1",
        "german (ger",
        "2",
        "dvorak",
        "1",
        "",
        "m",
        "7",
        "1",
        "vienna",
        "2",
        "n",
        "m",
        "9",
        "1",
        "root=x",
        "quiet",
        "q",
    )

    ended = sit(tmp_path, answers, "two-sata")

    system = ended.flow.system
    assert (system.locale, system.timezone, system.utc) == ("de_DE.UTF-8", "Europe/Vienna", False)
    assert system.keymap == "dvorak"
    assert ended.flow.draft.kargs == ("quiet",)
    assert "root= setzt der Installer selbst." in ended.person.said, "the lines speak the language that was chosen"


def test_traditional_says_why_it_is_not_there(tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, "1", "2", "1", "q"), "usb-stick-only")

    assert "Traditional can't be chosen: This medium carries no packages" in ended.person.text


def test_another_tag_is_taken_from_the_registrys_list(tmp_path: Path) -> None:
    answers = ("m", "3", "1", "2", REMOTE, "4", "late", "1", "q")

    ended = sit(tmp_path, answers, "two-sata")

    assert "Asking the registry ..." in ended.person.said
    assert f"Looking for {REMOTE.removesuffix('2')}latest ..." in ended.person.said


def test_another_image_is_looked_up(tmp_path: Path) -> None:
    name = REMOTE.removeprefix("docker://")
    answers = ("m", "3", "1", "2", "sample", name, "3", "y", "1", "2", "registry.example/none", "q")

    ended = sit(tmp_path, answers, "two-sata")

    assert f"Looking for {REMOTE} ..." in ended.person.said
    assert "  Signature: the registry has one; this system asks for none" in ended.person.said
    assert "Begin with the registry, like quay.io/fedora/fedora-bootc:43." in ended.person.said
    assert "The image docker://registry.example/none can't be read: no such manifest." in ended.person.said
    assert ended.flow.draft.payload.signed


def test_updates_can_come_from_elsewhere_without_another_lookup(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "3", "2", "registry.example/mine:2", "q"), "two-sata")

    assert ended.flow.draft.payload.source == EMBEDDED.source
    assert ended.flow.draft.payload.target == "docker://registry.example/mine:2"
    assert ended.flow.image is not None


def test_without_a_medium_the_image_is_asked_on_the_way(tmp_path: Path) -> None:
    engine = PlanningEngine(machine=recorded("two-sata"), directory=tmp_path, embedded=None)
    answers = (LANGUAGE, MODE, "", REMOTE, ON, *DISK, *PASSWORD, "yes", "3")

    ended = sit(tmp_path, answers, engine=engine)

    assert ended.status == ExitStatus.DONE
    assert ended.engine.requests[0].plan.image.source == REMOTE


def test_the_layout_can_be_chosen(tmp_path: Path) -> None:
    answers = ("m", "4", "", "2", "4", "2", "5", "3", "6", "y", "7", "y", "2", "2", "q")

    ended = sit(tmp_path, answers, "two-sata")

    form = form_of(ended.flow.storage, ended.flow.machine)
    assert form is not None
    assert (form.disks, form.way) == ((recorded("two-sata").disk("sdb").id,), Way.FREE)
    assert (form.scheme, form.format, form.home, form.swap) == (Scheme.LVM, Format.EXT4, True, True)


def test_btrfs_has_no_other_file_system(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "4", "", "", "5", "2", "4", "4", "5", "q"), "two-sata")

    assert "A btrfs layout has no other file system." in ended.person.said
    assert ended.flow.plan is not None


def test_encryption_with_the_tpm_where_there_is_one(tmp_path: Path) -> None:
    answers = ("m", "4", "", "", "3", "", "short", "other", "short", "short")

    ended = sit(tmp_path, (*answers, "y", "q"), "dual-boot")
    form = form_of(ended.flow.storage, ended.flow.machine)

    assert form is not None
    assert form.encryption is not None
    assert form.encryption.passphrase is not None
    assert form.encryption.passphrase.reveal() == "short"
    assert form.encryption.tpm2 is not None
    assert "short" not in ended.person.text.replace("Weak: longer", "")
    assert "  3) Encryption: passphrase, TPM" in ended.person.said

    without = sit(tmp_path, (*answers, "3", "n", "q"), "two-sata")
    assert "  3) Encryption: passphrase" in without.person.said
    assert "  3) Encryption: none" in without.person.said[-10:]


def test_a_system_can_be_replaced(tmp_path: Path) -> None:
    machine = recorded("dual-boot")
    known = [one.value for one in ways(machine, usual_disks(machine))]
    last = 1 + known.index("replace:Debian GNU/Linux 13 (trixie)")
    answers = (LANGUAGE, MODE, "", "", "2", str(last), ON, *PASSWORD, "yes", "3")

    ended = sit(tmp_path, answers, "dual-boot")
    form = form_of(ended.flow.storage, ended.flow.machine)

    assert ended.status == ExitStatus.DONE
    assert form is not None
    assert (form.way, form.replaces) == (Way.REPLACE, "Debian GNU/Linux 13 (trixie)")


def test_a_partition_can_make_room(tmp_path: Path) -> None:
    answers = (LANGUAGE, MODE, "", "", "2", "3", "1 GiB", "9 TiB", "300 GiB", ON, *PASSWORD, "yes", "3")

    ended = sit(tmp_path, answers, "dual-boot")
    form = form_of(ended.flow.storage, ended.flow.machine)

    assert ended.status == ExitStatus.DONE
    assert form is not None
    assert [one.size for one in form.shrink] == [300 << 30]
    assert any(line.startswith("It has to be ") for line in ended.person.said)
    assert any(line.startswith("There is room for ") for line in ended.person.said)


def test_users_are_made_changed_and_removed(tmp_path: Path) -> None:
    ada = ("3", "Ada Lovelace", "", "", WORD, WORD)
    change = ("3", "1", "Ada King", "3", "4", "wheel video", "5", KEY, "", "")
    bob = ("4", "", "Bob", "bob", "n", "", "4", "6", "y")

    ended = sit(tmp_path, ("m", "5", *ada, *change, *bob, "q"), "two-sata")

    (user,) = ended.flow.system.users
    assert (user.name, user.gecos, user.groups, user.ssh_keys) == ("ada", "Ada King", ("wheel", "video"), (KEY,))
    assert user.password is not None
    assert "Use small letters, digits, _ and -; begin with a letter; 32 characters at most." in ended.person.said
    assert "  4) User bob: can't log in" in ended.person.said


def test_root_may_have_keys_only_and_lose_its_password(tmp_path: Path) -> None:
    answers = ("m", "5", "1", WORD, WORD, "1", "n", "2", "hello", "", KEY, "", "q")

    ended = sit(tmp_path, answers, "two-sata")

    root = ended.flow.system.root
    assert (root.password, root.locked, root.ssh_keys) == (None, True, (KEY,))
    assert "Key 1 is no public key, as ssh-ed25519 AAAA… name." in ended.person.said


def test_an_image_with_accounts_of_its_own(tmp_path: Path) -> None:
    ended = sit(tmp_path, (LANGUAGE, MODE, *DISK, "4", "y", ON, "yes", "3"), "two-sata")

    assert ended.status == ExitStatus.DONE
    assert ended.engine.requests[0].plan.system.root.password is None


def test_of_several_disks_the_first_one_boots(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "4", "", "2 1", "q"), "nvme-4kn")

    second = recorded("nvme-4kn").disks[1].id
    assert ended.flow.draft.boot_disk == second
    assert ended.flow.plan is not None
    assert ended.flow.plan.boot.disks[0] == second


def test_the_network_is_shown_as_it_is(tmp_path: Path) -> None:
    ended = sit(tmp_path, ("m", "8", "q"), "laptop-windows")

    assert any(line.startswith("  wlp2s0 (") and line.endswith("not connected") for line in ended.person.said)
