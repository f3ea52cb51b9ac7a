"""Image mode for real: install from the ISO without a touch, boot the disk alone, look inside, update and roll back.

The tests of one case share its machine and run in their order; the last ones update it: with UEFI always, with BIOS in
`make test-vm`.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import ClassVar

import pytest

from ashore_isogen.qemu.spec import Firmware
from tests.vm.cases import BIOS_XFS, ROOT_PASSWORD, SECURE_EXT4, USER, USER_PASSWORD, Case
from tests.vm.media import ImageFacts
from tests.vm.system import System
from tests.vm.updates import SERIAL, Update

pytestmark = [pytest.mark.vm, pytest.mark.timeout(5400), pytest.mark.needs("ssh", "ssh-keygen")]

# What bootc writes for the image that our ISOs name as the source of updates (ostree-ext: refescape.rs, store.rs).
ORIGIN = "ostree-unverified-registry:registry.example/harbour/sample_os:latest"
IMAGE_REF = "ostree/container/image/docker_3A__2F__2F_registry_2E_example/harbour/sample__os_3A_latest"
SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def deployments(system: System) -> list[str]:
    """The commits that are deployed, the one that boots next first; the running one has a star."""
    lines = system.out("ostree admin status").splitlines()
    return [line.strip().replace("default ", "").partition(".")[0] for line in lines if "default " in line]


def metadata(system: System, commit: str, key: str) -> str:
    """A string in a commit's metadata; ostree prints GVariant text, whose strings are Python's."""
    value = ast.literal_eval(system.out(f"ostree show --print-metadata-key={key} {commit}"))
    assert isinstance(value, str)
    return value


def version(system: System) -> str:
    return system.out("cat /usr/lib/ashore-sample/version")


class Installed:
    """What must be true of an installed system, whichever way it was asked for."""

    case: ClassVar[Case]

    # --- the system is up ---------------------------------------------------------------------------------------------

    def test_it_boots_to_a_login_with_no_failed_unit(self, system: System) -> None:
        state = system.out("systemctl is-system-running --wait || true", 90)
        failed = system.out("systemctl list-units --failed --plain --no-legend")
        assert (state, failed) == ("running", "")

    def test_the_firmware_is_what_was_asked_for(self, system: System, case: Case) -> None:
        uefi = system.guest.run("test -d /sys/firmware/efi").status == 0
        assert uefi is (case.firmware is not Firmware.BIOS)
        if case.firmware is Firmware.SECURE:
            # Four bytes of attributes, then the state (UEFI specification, 8.2 and 3.3).
            assert system.out(f"od -An -t u1 {SECURE_BOOT}").split()[4:] == ["1"]
            assert "[integrity]" in system.out("cat /sys/kernel/security/lockdown")

    def test_the_kernel_got_the_arguments_of_image_plan_and_machine(self, system: System, case: Case) -> None:
        words = system.out("cat /proc/cmdline").split()
        keys = [word.split("=")[0] for word in words]
        assert f"ashore.proof={case.name.split('-')[0]}" in words
        assert any(word.startswith("console=ttyS0") for word in words)
        assert keys.count("ostree") == keys.count("root") == 1
        assert f"root=UUID={system.out('findmnt -no UUID /sysroot')}" in words
        assert "rw" in words

    def test_the_root_is_a_read_only_composefs(self, system: System, case: Case) -> None:
        assert system.out("findmnt -no FSTYPE,SOURCE /").split() == ["overlay", "composefs"]
        assert system.guest.run("touch /here /usr/here").status != 0
        assert system.out("findmnt -no FSTYPE /sysroot") == case.format
        assert "ro" in system.out("findmnt -no OPTIONS /sysroot").split(",")
        system.out("touch /etc/here /var/here && rm /etc/here /var/here")

    def test_every_volume_is_mounted_where_it_was_asked_for(self, system: System, case: Case) -> None:
        rows = system.out("findmnt -rno TARGET,FSTYPE --real").splitlines()
        mounted = {tuple(row.split()) for row in rows}
        assert case.mounts <= mounted
        assert system.guest.run("findmnt --verify").status == 0

    # --- it is what bootc and ostree know -----------------------------------------------------------------------------

    def test_ostree_has_one_deployment_with_the_images_origin(self, system: System) -> None:
        (running,) = deployments(system)
        assert running.startswith("* ")
        origin = system.out("cat /ostree/deploy/default/deploy/*.origin").splitlines()
        assert [line for line in origin if line.startswith("[")] == ["[origin]"]
        assert f"container-image-reference={ORIGIN}" in origin

    def test_refs_and_metadata_let_an_update_fetch_only_new_layers(self, system: System, facts: ImageFacts) -> None:
        refs = set(system.out("ostree refs").splitlines())
        assert {IMAGE_REF, *(f"ostree/container/blob/sha256_3A_{digest[7:]}" for digest in facts.layers)} <= refs
        commit = system.out(f"ostree rev-parse {IMAGE_REF}")
        assert deployments(system) == [f"* {commit}"]
        assert metadata(system, commit, "ostree.manifest-digest") == facts.manifest_digest
        manifest = json.loads(metadata(system, commit, "ostree.manifest"))
        assert [layer["digest"] for layer in manifest["layers"]] == list(facts.layers)
        assert "rootfs" in json.loads(metadata(system, commit, "ostree.container.image-config"))

    def test_the_repository_is_sound(self, system: System) -> None:
        system.out("ostree fsck --quiet", 300)

    def test_file_capabilities_survived(self, system: System) -> None:
        assert system.out("getcap /usr/bin/ping") == "/usr/bin/ping cap_net_raw=ep"

    # --- it is who it was asked to be ---------------------------------------------------------------------------------

    def test_identity_language_and_clock(self, system: System, case: Case) -> None:
        assert system.out("hostname") == case.hostname
        assert f"LANG={case.locale}" in system.out("cat /etc/locale.conf")
        # Debian has its keyboard there, and vconsole.conf(5) is a link to it.
        assert f"XKBLAYOUT={case.keymap}" in system.out("cat /etc/default/keyboard").replace('"', "")
        assert system.out("readlink /etc/localtime").endswith(f"/zoneinfo/{case.timezone}")
        assert re.fullmatch("[0-9a-f]{32}", system.out("cat /etc/machine-id"))

    def test_the_user_has_the_groups_and_home_that_were_asked_for(self, system: System, case: Case) -> None:
        assert set(system.out(f"id -nG {USER}").split()) == case.groups
        home = system.out(f"getent passwd {USER} | cut -d: -f6")
        assert system.out(f"stat -c '%U %G %a' {home}").split()[:2] == [USER, USER]
        assert system.out(f"stat -c '%U %a' {home}/.ssh {home}/.ssh/authorized_keys").splitlines() == [
            f"{USER} 700",
            f"{USER} 600",
        ]

    def test_no_password_is_readable(self, system: System) -> None:
        assert system.out("stat -c '%U %G %a' /etc/shadow").split() in (
            ["root", "shadow", "640"],
            ["root", "root", "0"],
        )
        plain = [ROOT_PASSWORD, USER_PASSWORD]
        for text in plain:
            found = system.guest.run(f"grep -rlF '{text}' /etc /root/ /var/log /var/roothome 2>/dev/null")
            assert found.stdout == ""

    def test_a_person_logs_in_with_the_password(self, system: System) -> None:
        system.guest.leave("exit")
        person = system.vm.guest()
        person.console.drain(1)
        person.enter(USER, USER_PASSWORD, 60)
        person.console.send("echo I am $(id -un) with sudo $(id -nG | grep -cw sudo)\n")
        person.expect(f"^I am {USER} with sudo 1$", 30)
        person.console.send("exit\n")
        system.login()

    def test_ssh_lets_the_key_in(self, system: System, key: Path, case: Case) -> None:
        assert system.ssh(USER, key, "id -un; hostname").split() == [USER, case.hostname]
        if case.firmware is Firmware.SECURE:
            assert system.ssh("root", key, "id -un") == "root"

    def test_post_scripts_ran_in_the_deployment(self, system: System, case: Case) -> None:
        assert system.out("cat /etc/ashore-proof") == f"made by root in {case.hostname}"

    def test_plan_kickstart_and_log_are_kept_for_root_only(self, system: System, case: Case) -> None:
        logs = "/var/log/ashore /var/log/ashore/ashore.log /var/log/ashore/journal.jsonl"
        rows = system.out(f"stat -c '%U %a' /root/ashore-plan.json /root/ashore-ks.cfg {logs}").splitlines()
        assert rows == ["root 600", "root 600", "root 700", "root 600", "root 600"]
        assert json.loads(system.out("cat /root/ashore-plan.json"))["system"]["hostname"] == case.hostname
        assert f"--hostname={case.hostname}" in system.out("cat /root/ashore-ks.cfg")
        last = json.loads(system.out("tail -n 1 /var/log/ashore/journal.jsonl"))
        assert last["type"] in ("StepStarted", "Progress", "StepFinished", "Finished")


class Updated:
    """An installed system updates and rolls back by itself."""

    def test_version_2_is_deployed_by_the_systems_own_ostree(self, system: System, update: Update) -> None:
        (first,) = deployments(system)
        system.out("echo 'owned here' >/etc/ashore-owner")
        system.out(f"head -c {update.size} /dev/disk/by-id/virtio-{SERIAL} >/var/tmp/update")
        system.out("cp /ostree/deploy/default/deploy/*.origin /var/tmp/origin")
        apply = "ostree static-delta apply-offline --repo=/sysroot/ostree/repo /var/tmp/update"
        system.out(f"unshare -m sh -c 'mount -o remount,rw /sysroot && {apply}'", 120)
        system.out(f"ostree admin deploy --os=default --origin-file=/var/tmp/origin {update.commit}", 240)
        system.reboot()
        assert version(system) == "2"
        assert deployments(system) == [f"* {update.commit}", first.removeprefix("* ")]

    def test_etc_is_merged_three_ways(self, system: System) -> None:
        # Added here, kept; changed by the image only, followed; the identity of the machine, kept.
        assert system.out("cat /etc/ashore-owner") == "owned here"
        assert "hello from version 2" in system.out("cat /etc/ashore-sample.conf")
        assert system.out("hostname") == system.case.hostname
        assert system.out("systemctl is-system-running --wait || true", 90) == "running"
        assert f"ashore.proof={system.case.name.split('-')[0]}" in system.out("cat /proc/cmdline").split()

    def test_version_1_comes_back(self, system: System, update: Update) -> None:
        system.out("echo 'of version 2' >/etc/ashore-later")
        system.out("ostree admin set-default 1", 240)
        system.reboot()
        assert version(system) == "1"
        first, second = deployments(system)
        assert (first.startswith("* "), second) == (True, update.commit)
        assert "hello from version 1" in system.out("cat /etc/ashore-sample.conf")
        # Each deployment has its own /etc: what was done before the update is there again, what came later is not.
        assert system.out("cat /etc/ashore-owner") == "owned here"
        assert system.guest.run("test -e /etc/ashore-later").status != 0
        assert system.out("systemctl is-system-running --wait || true", 90) == "running"


class TestBiosXfs(Installed):
    case = BIOS_XFS


class TestSecureExt4(Updated, Installed):  # in this order pytest runs the tests of `Installed` first
    case = SECURE_EXT4


@pytest.mark.long
class TestBiosXfsUpdated(Updated):
    case = BIOS_XFS
