"""What the engine says is recognised: on every recorded machine, and sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ashore_installer.errors import BadInput
from ashore_installer.secret import Secret
from ashore_installer.storage.layout import layout
from ashore_installer.storage.losses import losses
from ashore_installer.storage.sentences import actions
from ashore_installer.storage_plan import Encryption, StoragePlan
from ashore_installer.storage_request import Automatic, Clear, Scheme, StorageRequest
from ashore_tui.flow.empty import NO_IMAGE
from ashore_tui.text import ENGLISH, said, use_language
from ashore_tui.text.extract import LANGUAGES
from ashore_tui.text.templates import Templates
from tests.fakes.machines import INSTALLABLE, recorded

_ENGLISH = re.compile(r"\b(the|is|are|with|and|its|it|Make|Erase|Delete|for|of|on|lost|everything)\b", re.IGNORECASE)
_QUOTED = re.compile(r"“[^”]*”|»[^«]*«")
"""Labels of partitions stay what they are."""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use_language(ENGLISH)


def plans(machine: str) -> Iterator[StoragePlan]:
    lock = Encryption(passphrase=Secret("x" * 12))
    for scheme in Scheme:
        for encryption in (None, lock):
            automatic = Automatic(scheme=scheme, encryption=encryption, home=True, swap=True)
            request = StorageRequest(clear=Clear.ALL, zero_mbr=True, new_table=True, automatic=automatic)
            try:
                yield layout(request, recorded(machine), NO_IMAGE)
            except BadInput:
                continue


@pytest.mark.parametrize("machine", INSTALLABLE)
def test_every_action_and_loss_is_said_in_german(machine: str) -> None:
    known = recorded(machine)
    texts = [text for plan in plans(machine) for text in actions(plan, known)]
    texts += [loss.text for plan in plans(machine) for loss in losses(plan, known)]
    use_language("de")

    english = [text for text in map(said, texts) if _ENGLISH.search(_QUOTED.sub("", text).partition("/dev/")[0])]

    assert not english


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("Check the disks", "Datenträger prüfen"),
        ("vda2 (9 B, ext4) is deleted with everything in it.", "vda2 (9 B, ext4) wird mit allem Inhalt gelöscht."),
        ("Make the volume group vg of vda2 and vdb1", "Die Volume-Gruppe vg aus vda2 und vdb1 anlegen"),
        (
            "Encrypt vda3 with LUKS2, to be opened by the passphrase and the TPM, and make xfs for /",
            "vda3 mit LUKS2 verschlüsseln, zu öffnen durch die Passphrase und das TPM; darin xfs für /",
        ),
        ("The disk is full.\n  Choose another disk.", "Der Datenträger ist voll.\n  Einen anderen Datenträger wählen."),
        ("Begin one.", "Eine beginnen."),
        ("Nobody has ever said this {0}.", "Nobody has ever said this {0}."),
        ("", ""),
    ],
)  # fmt: skip
def test_sentences_with_their_values(text: str, german: str) -> None:
    use_language("de")

    assert said(text) == german


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_translated_is_not_taken_for_english(language: str) -> None:
    use_language(language)
    once = said("Delete vda2 (20.0 GiB, Windows data, ntfs)")

    assert said(once) == once != "Delete vda2 (20.0 GiB, Windows data, ntfs)"


def test_in_english_nothing_is_touched() -> None:
    assert said("Check the disks") == "Check the disks"
    assert Templates().said("Check the disks") == "Check the disks"


def test_the_sentence_with_more_words_of_its_own_wins() -> None:
    known = Templates.of(
        {"{a} is gone and {b}": "no", "{a} is gone": "{a} weg", "{a} is gone and lost": "{a} ganz weg"}
    )

    assert known.said("the disk is gone and lost") == "the disk ganz weg"


def test_braces_in_values_are_no_names() -> None:
    assert Templates.of({"Take {what} away": "{what} weg {{}}"}).said("Take {x} away") == "{x} weg {}"
