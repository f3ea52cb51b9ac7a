"""Does hardware acceleration work here? A device node says little: some hosts offer KVM and then can't run a kernel.

So a tiny machine is booted for real: a boot sector waits for a timer interrupt, switches to 64-bit mode with paging,
runs an instruction that kernels are compiled to, counts, and leaves through QEMU's debug-exit device. A host that
needs longer than `SECONDS` for that is slower than translation would be.
"""

from __future__ import annotations

import logging
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from ashore_installer.errors import InstallerError
from ashore_installer.units import MiB
from ashore_isogen.qemu.spec import BINARY, Accelerator

log = logging.getLogger(__name__)

SECONDS = 3.0
"""A working KVM needs 0.2 s, translation 0.3 s."""

KVM = Path("/dev/kvm")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

_EXIT_VALUE = 42
EXIT_STATUS = 2 * _EXIT_VALUE + 1
"""QEMU's exit status when the guest writes 42 to isa-debug-exit."""

# Loaded by the firmware at 0x7c00, in 16-bit mode.
_SIXTEEN_BIT = (
    "fa 31c0 8ed8 8ec0 8ed0 bc007c",  # cli; xor %ax,%ax; mov %ax to %ds, %es, %ss; mov $0x7c00,%sp
    "fb f4 fa fc",  # sti; hlt: goes on when the timer interrupts; cli; cld
    "66bf00100000 0f22df",  # mov $0x1000,%edi; mov %edi,%cr3: page tables at 0x1000
    "6631c0 66b9000c0000 66f3ab",  # xor %eax,%eax; mov $0xc00,%ecx; rep stos: three empty pages
    "c70600100320",  # movw $0x2003,0x1000: level 4 -> 0x2000
    "c70600200330",  # movw $0x3003,0x2000: level 3 -> 0x3000
    "c70600308300",  # movw $0x0083,0x3000: level 2, one page of 2 MiB, each address is itself
    "66b820000000 0f22e0",  # mov $0x20,%eax; mov %eax,%cr4: physical address extension
    "66b9800000c0 0f32 80cc01 0f30",  # mov $0xc0000080,%ecx; rdmsr; or $1,%ah; wrmsr: long mode
    "0f0116a07c",  # lgdt 0x7ca0
    "0f20c0 660d01000080 0f22c0",  # mov %cr0,%eax; or $0x80000001,%eax; mov %eax,%cr0: protection, paging
    "ea637c0800",  # ljmp $8,$0x7c63
)
_SIXTY_FOUR_BIT = (
    "31c0 0fa2 83f807 7214",  # xor %eax,%eax; cpuid; cmp $7,%eax; jb past shlx
    "b807000000 31c9 0fa2",  # mov $7,%eax; xor %ecx,%ecx; cpuid
    "0fbae308 7305",  # bt $8,%ebx: has it BMI2?; jnc past shlx
    "c4e2f9f7f2",  # shlx %rax,%rdx,%rsi
    "b900000002 ffc9 75fc",  # mov $0x2000000,%ecx; dec %ecx; jnz back
    f"b0{_EXIT_VALUE:02x} e6f4",  # mov $42,%al; out %al,$0xf4
    "f4 ebfd",  # hlt; jmp back
)
# At 0x7c90: an empty segment, a 64-bit code segment; then their table's size and address for lgdt.
_SEGMENTS = ("0000000000000000", "00000000009a2000", "0f00907c0000")


def boot_sector() -> bytes:
    """The sector a BIOS loads and jumps to: 510 bytes of code and the signature."""
    code = bytes.fromhex("".join((*_SIXTEEN_BIT, *_SIXTY_FOUR_BIT, *_SEGMENTS)))
    return code.ljust(510, b"\0") + b"\x55\xaa"


class Boot(Protocol):
    """Boots a disk image for a moment. True if the guest got through its last instruction."""

    def __call__(self, disk: Path, accelerator: Accelerator) -> bool: ...


def accelerator(cache: Path, boot: Boot | None = None, device: Path = KVM) -> Accelerator:
    """The accelerator to use on this host. Remembered in the directory `cache` until the host boots again.

    Raises InstallerError when QEMU is not installed.
    """
    if not os.access(device, os.R_OK | os.W_OK):
        return Accelerator.TCG
    remembered = cache / f"accelerator-{_this_boot()}"
    try:
        return Accelerator(remembered.read_text(encoding="ascii"))
    except (OSError, ValueError):
        found = probe(boot or boot_with_qemu)
        _remember(remembered, found)
        return found


def probe(boot: Boot) -> Accelerator:
    """Try KVM with our boot sector."""
    with tempfile.TemporaryDirectory(prefix="ashore-kvm-") as directory:
        disk = Path(directory, "probe.img")
        disk.write_bytes(boot_sector())
        os.truncate(disk, MiB)  # SeaBIOS ignores disks smaller than a cylinder
        works = boot(disk, Accelerator.KVM)
    log.info("KVM %s on this host", "works" if works else "does not work")
    return Accelerator.KVM if works else Accelerator.TCG


def boot_with_qemu(disk: Path, accelerator: Accelerator, seconds: float = SECONDS) -> bool:
    """Boot `disk` in a small machine, killed after `seconds`."""
    require_qemu()
    cpu = "host" if accelerator is Accelerator.KVM else "max"
    machine = [
        "-machine",
        "q35",
        "-accel",
        accelerator.value,
        "-cpu",
        cpu,
        "-m",
        "64",
        "-nodefaults",
        "-display",
        "none",
    ]
    devices = ["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-drive", f"file={disk},format=raw"]
    try:
        done = subprocess.run(
            [BINARY, *machine, *devices], stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == EXIT_STATUS


def require_qemu() -> None:
    """Raises InstallerError when QEMU is not installed."""
    if shutil.which(BINARY) is None:
        raise InstallerError("QEMU is not installed.", "Install the package qemu-system-x86 and try again.")


def _this_boot() -> str:
    return f"{platform.release()}-{BOOT_ID.read_text(encoding='ascii').strip()}"


def _remember(path: Path, found: Accelerator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("accelerator-*"):
        old.unlink(missing_ok=True)
    path.write_text(found.value, encoding="ascii")
