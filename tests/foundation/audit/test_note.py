"""A seal is a note that any signed-note tool reads and only our key could have signed."""

import base64
import stat
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, strategies as st

from foundation.audit import Checkpoint, NoteRefused, Signer, Verifier, Witness
from foundation.identifiers import TenantId

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(b"k" * 32))


def a_checkpoint(size: int = 4096, tenant_id: int = 17) -> Checkpoint:
    return Checkpoint(
        tenant_id=TenantId(tenant_id), size=size, root=sha256(b"root").digest(), sealed_at=AT
    )


class TestNote:
    def test_reads_as_the_specifications_say(self) -> None:
        root = base64.b64encode(sha256(b"root").digest()).decode()
        text, signature = SIGNER.sign(a_checkpoint()).split("\n\n")
        assert text == f"tamaire/audit/17\n4096\n{root}\nsealed_at 2026-11-23T08:00:00.000000+00:00"
        dash, name, encoded = signature.rstrip("\n").split(" ")
        assert (dash, name) == ("—", "tamaire/audit")
        blob = base64.b64decode(encoded)
        name, key_hash, marked_key = str(SIGNER.verifier).split("+", 2)
        marked = base64.b64decode(marked_key)
        assert blob[:4] == sha256(b"tamaire/audit\n" + marked).digest()[:4]
        assert (name, key_hash) == ("tamaire/audit", blob[:4].hex())
        Ed25519PublicKey.from_public_bytes(marked[1:]).verify(blob[4:], f"{text}\n".encode())

    def test_gives_back_what_was_sealed(self) -> None:
        verifier = Verifier.parse(str(SIGNER.verifier))
        assert verifier.open(SIGNER.sign(a_checkpoint())) == a_checkpoint()

    @given(place=st.integers(min_value=0), letter=st.sampled_from("0aA+/=\n —"))
    def test_refuses_any_other_letter(self, place: int, letter: str) -> None:
        note = SIGNER.sign(a_checkpoint())
        place %= len(note)
        altered = note[:place] + letter + note[place + 1 :]
        if altered == note:
            return
        with pytest.raises(NoteRefused):
            SIGNER.verifier.open(altered)

    @pytest.mark.parametrize("text", ["", "\n\n", "tamaire/audit/17\n1\n\n— tamaire/audit AAAA\n"])
    def test_refuses_what_is_no_note(self, text: str) -> None:
        with pytest.raises(NoteRefused):
            SIGNER.verifier.open(text)

    def test_refuses_the_note_of_another_key(self) -> None:
        with pytest.raises(NoteRefused, match="another key"):
            SIGNER.verifier.open(Signer.generate().sign(a_checkpoint()))

    def test_refuses_the_note_of_another_log(self) -> None:
        elsewhere = Signer(Ed25519PrivateKey.from_private_bytes(b"k" * 32), name="elsewhere/audit")
        with pytest.raises(NoteRefused, match="another log"):
            SIGNER.verifier.open(elsewhere.sign(a_checkpoint()))

    def test_refuses_a_second_spelling_of_the_same_signature(self) -> None:
        note = SIGNER.sign(a_checkpoint())
        last = note.index("=\n", note.index("—")) - 1
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        twin = alphabet[alphabet.index(note[last]) ^ 1]
        with pytest.raises(NoteRefused):
            SIGNER.verifier.open(note[:last] + twin + note[last + 1 :])


class TestVerifierKey:
    @pytest.mark.parametrize(
        "text", ["", "tamaire/audit", "tamaire/audit+00000000+AQ==", "tamaire/audit+0+!"]
    )
    def test_refuses_what_is_no_key(self, text: str) -> None:
        with pytest.raises(NoteRefused):
            Verifier.parse(text)

    def test_refuses_a_key_under_another_name(self) -> None:
        with pytest.raises(NoteRefused, match="hash"):
            Verifier.parse(str(SIGNER.verifier).replace("tamaire", "tamaira"))


class TestSigner:
    def test_keeps_its_key_from_others_and_its_public_half_beside(self, tmp_path: Path) -> None:
        path = tmp_path / "audit" / "seal.pem"
        signer = Signer.at(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        public = path.with_name("seal.pem.pub").read_text(encoding="utf-8")
        assert Verifier.parse(public).open(signer.sign(a_checkpoint())) == a_checkpoint()

    def test_keeps_the_key_it_has(self, tmp_path: Path) -> None:
        path = tmp_path / "seal.pem"
        first, second = Signer.at(path), Signer.at(path)
        assert second.verifier.open(first.sign(a_checkpoint())) == a_checkpoint()

    def test_refuses_a_key_that_others_can_read(self, tmp_path: Path) -> None:
        path = tmp_path / "seal.pem"
        Signer.at(path)
        path.chmod(0o644)
        with pytest.raises(PermissionError):
            Signer.at(path)

    def test_does_not_print_its_key(self) -> None:
        pem = Ed25519PrivateKey.from_private_bytes(b"k" * 32).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        assert pem.decode().splitlines()[1] not in repr(SIGNER)


class TestWitness:
    def test_returns_notes_in_order_and_the_last(self, tmp_path: Path) -> None:
        witness = Witness(tmp_path / "witness")
        notes = [SIGNER.sign(a_checkpoint(size)) for size in range(1, 40)]
        for note in notes:
            witness.append(TenantId(17), note)
        assert witness.notes(TenantId(17)) == notes
        last = witness.last(TenantId(17), SIGNER.verifier)
        assert last is not None
        assert last.size == 39

    def test_has_nothing_of_a_tenant_never_sealed(self, tmp_path: Path) -> None:
        witness = Witness(tmp_path)
        assert witness.notes(TenantId(1)) == []
        assert witness.last(TenantId(1), SIGNER.verifier) is None

    def test_reads_past_a_note_that_a_power_cut_halved(self, tmp_path: Path) -> None:
        witness = Witness(tmp_path)
        first, halved, third = (SIGNER.sign(a_checkpoint(size)) for size in (1, 2, 3))
        witness.append(TenantId(17), first)
        with witness.path_of(TenantId(17)).open("a", encoding="utf-8") as file:
            file.write("\n" + halved[:25])
        witness.append(TenantId(17), third)
        assert witness.notes(TenantId(17)) == [first, third]

    def test_reads_past_a_note_that_is_not_ours(self, tmp_path: Path) -> None:
        witness = Witness(tmp_path)
        witness.append(TenantId(17), SIGNER.sign(a_checkpoint(5)))
        witness.append(TenantId(17), Signer.generate().sign(a_checkpoint(9)))
        last = witness.last(TenantId(17), SIGNER.verifier)
        assert last is not None
        assert last.size == 5
