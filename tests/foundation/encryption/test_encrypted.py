"""A sealed cell opens for its own tenant, field, row and key, and for nothing else."""

import copy
import json
import pickle
from dataclasses import asdict, dataclass
from uuid import UUID

import pytest
from hypothesis import assume, given, strategies as st

from foundation.encryption import Cipher, DecryptionFailed, EncryptedText, Field, Secret
from foundation.identifiers import TenantId, new_id

ACCOUNT = Field("benefits.bank_accounts.account_number")
HOLDER = Field("benefits.bank_accounts.holder_name")
ROW = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def a_cipher(tenant_id: int = 1, *kids: int) -> Cipher:
    keys = {kid: bytes([kid]) * 32 for kid in kids or (1,)}
    return Cipher(TenantId(tenant_id), keys, index_key=b"i" * 32)


class TestRoundTrip:
    @given(text=texts)
    def test_returns_what_was_sealed(self, text: str) -> None:
        cipher = a_cipher()
        blob = cipher.encrypt(text, field=ACCOUNT, row_id=ROW)
        assert cipher.decrypt(blob, field=ACCOUNT, row_id=ROW) == text

    def test_seals_the_same_text_differently_each_time(self) -> None:
        cipher = a_cipher()
        sealed = {cipher.encrypt("1234567", field=ACCOUNT, row_id=ROW) for _ in range(20)}
        assert len(sealed) == 20

    def test_takes_a_secret_and_opens_it_as_a_secret(self) -> None:
        cipher = a_cipher()
        cell = EncryptedText(cipher.encrypt(Secret("7654321"), field=ACCOUNT, row_id=ROW))
        assert cell.open(cipher, field=ACCOUNT, row_id=ROW) == Secret("7654321")

    def test_accepts_a_row_by_uuid_or_by_its_text(self) -> None:
        cipher = a_cipher()
        blob = cipher.encrypt("x", field=ACCOUNT, row_id=ROW)
        assert cipher.decrypt(blob, field=ACCOUNT, row_id=str(ROW)) == "x"


class TestTampering:
    @given(text=texts, bit=st.integers(min_value=0))
    def test_refuses_any_flipped_bit(self, text: str, bit: int) -> None:
        cipher = a_cipher(1, 1, 2)
        blob = bytearray(cipher.encrypt(text, field=ACCOUNT, row_id=ROW))
        bit %= len(blob) * 8
        blob[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(DecryptionFailed):
            cipher.decrypt(bytes(blob), field=ACCOUNT, row_id=ROW)

    @given(text=texts, keep=st.integers(min_value=0))
    def test_refuses_a_shortened_cell(self, text: str, keep: int) -> None:
        cipher = a_cipher()
        blob = cipher.encrypt(text, field=ACCOUNT, row_id=ROW)
        with pytest.raises(DecryptionFailed):
            cipher.decrypt(blob[: keep % len(blob)], field=ACCOUNT, row_id=ROW)

    @given(junk=st.binary(max_size=80))
    def test_refuses_bytes_it_never_wrote(self, junk: bytes) -> None:
        with pytest.raises(DecryptionFailed):
            a_cipher().decrypt(junk, field=ACCOUNT, row_id=ROW)

    def test_refuses_a_cell_moved_to_another_row(self) -> None:
        cipher = a_cipher()
        blob = cipher.encrypt("1234567", field=ACCOUNT, row_id=ROW)
        with pytest.raises(DecryptionFailed):
            cipher.decrypt(blob, field=ACCOUNT, row_id=new_id())

    def test_refuses_a_cell_moved_to_another_column(self) -> None:
        cipher = a_cipher()
        blob = cipher.encrypt("1234567", field=ACCOUNT, row_id=ROW)
        with pytest.raises(DecryptionFailed):
            cipher.decrypt(blob, field=HOLDER, row_id=ROW)

    def test_refuses_a_cell_of_another_tenant_even_under_the_same_key(self) -> None:
        blob = a_cipher(1).encrypt("1234567", field=ACCOUNT, row_id=ROW)
        with pytest.raises(DecryptionFailed):
            a_cipher(2).decrypt(blob, field=ACCOUNT, row_id=ROW)

    def test_refuses_a_cell_relabelled_with_another_key_number(self) -> None:
        twin = Cipher(TenantId(1), {1: b"k" * 32, 2: b"k" * 32}, index_key=b"i" * 32)
        blob = bytearray(twin.encrypt("1234567", field=ACCOUNT, row_id=ROW))
        blob[4] = 1
        with pytest.raises(DecryptionFailed):
            twin.decrypt(bytes(blob), field=ACCOUNT, row_id=ROW)

    @given(
        here=st.tuples(st.integers(1, 9), st.text("ab|1", max_size=4)),
        there=st.tuples(st.integers(1, 9), st.text("ab|1", max_size=4)),
    )
    def test_confuses_no_two_places(self, here: tuple[int, str], there: tuple[int, str]) -> None:
        assume(here != there)
        blob = a_cipher(here[0]).encrypt("x", field=ACCOUNT, row_id=here[1])
        with pytest.raises(DecryptionFailed):
            a_cipher(there[0]).decrypt(blob, field=ACCOUNT, row_id=there[1])

    def test_tells_nothing_about_the_reason(self) -> None:
        with pytest.raises(DecryptionFailed) as failure:
            a_cipher().decrypt(b"\x01" * 40, field=ACCOUNT, row_id=ROW)
        assert str(failure.value) == ""


class TestRotation:
    def test_still_reads_what_an_older_key_wrote(self) -> None:
        blob = a_cipher(1, 1).encrypt("1234567", field=ACCOUNT, row_id=ROW)
        assert a_cipher(1, 1, 2).decrypt(blob, field=ACCOUNT, row_id=ROW) == "1234567"

    def test_writes_with_the_newest_key_and_knows_what_is_due(self) -> None:
        old, new = a_cipher(1, 1), a_cipher(1, 1, 2)
        assert not new.is_current(old.encrypt("x", field=ACCOUNT, row_id=ROW))
        assert new.is_current(new.encrypt("x", field=ACCOUNT, row_id=ROW))

    def test_does_not_read_what_a_key_it_lacks_wrote(self) -> None:
        blob = a_cipher(1, 2).encrypt("x", field=ACCOUNT, row_id=ROW)
        with pytest.raises(DecryptionFailed):
            a_cipher(1, 1).decrypt(blob, field=ACCOUNT, row_id=ROW)


class TestBlindIndex:
    def test_is_sixteen_bytes_and_the_same_for_equal_values(self) -> None:
        index = a_cipher().blind_index("1234567", field=ACCOUNT)
        assert len(index) == 16
        assert index == a_cipher(1, 1, 2).blind_index(Secret("1234567"), field=ACCOUNT)

    def test_finds_full_width_digits_as_the_same_number(self) -> None:
        cipher = a_cipher()
        full_width = cipher.blind_index("１２３４５６７", field=ACCOUNT)
        assert full_width == cipher.blind_index("1234567", field=ACCOUNT)

    def test_differs_between_fields_and_between_tenants(self) -> None:
        cipher = a_cipher()
        index = cipher.blind_index("1234567", field=ACCOUNT)
        assert index != cipher.blind_index("1234567", field=HOLDER)
        assert index != a_cipher(2).blind_index("1234567", field=ACCOUNT)


@dataclass(frozen=True)
class Account:
    number: Secret


class TestSecret:
    @pytest.mark.parametrize(
        "guarded", [Secret("1234567"), EncryptedText(b"1234567")], ids=["secret", "sealed"]
    )
    def test_shows_itself_to_no_one(self, guarded: Secret | EncryptedText) -> None:
        shown = [str(guarded), repr(guarded), f"{guarded:>20}", "%s" % guarded, repr([guarded])]  # noqa: UP031 - this way of printing is meant, too
        assert not any("1234567" in text for text in shown)
        assert str(guarded) == "***"

    @pytest.mark.parametrize(
        "guarded",
        [Secret("1234567"), EncryptedText(b"1234567"), a_cipher()],
        ids=["secret", "sealed", "cipher"],
    )
    @pytest.mark.parametrize("write_down", [pickle.dumps, json.dumps], ids=["pickle", "json"])
    def test_is_not_written_down(self, guarded: object, write_down: object) -> None:
        assert callable(write_down)
        with pytest.raises(TypeError):
            write_down(guarded)

    def test_stays_guarded_in_a_record_that_is_taken_apart(self) -> None:
        assert "1234567" not in repr(asdict(Account(Secret("1234567"))))
        assert copy.copy(Secret("x")) == Secret("x")

    def test_is_equal_to_the_same_secret_only(self) -> None:
        assert Secret("あ") == Secret("あ")
        assert Secret("1") != Secret("2")
        assert Secret("1") != "1"
        assert len({Secret("1"), Secret("1"), EncryptedText(b"1")}) == 2

    def test_hides_the_keys_of_a_cipher(self) -> None:
        assert repr(a_cipher(7, 1, 3)) == "Cipher(tenant_id=7, newest=3)"


class TestField:
    @pytest.mark.parametrize("name", ["account_number", "a.b", "a.b.c.d", "A.b.c", "a.b.c|1", ""])
    def test_refuses_a_name_that_is_not_schema_table_column(self, name: str) -> None:
        with pytest.raises(ValueError, match="schema"):
            Field(name)

    def test_needs_a_key(self) -> None:
        with pytest.raises(ValueError, match="data key"):
            Cipher(TenantId(1), {}, index_key=b"i" * 32)
