"""Words that only one municipality knows, put into everything it writes down.

If one of them is ever seen by another municipality, something leaked; no other sign is needed.
"""

import re
from collections.abc import Iterable, Iterator

from foundation.tenancy import Tenancy
from services.benefits.applications.domain.kana import to_zengin
from tests.services.registry.files import numbers

_KANA = str.maketrans("0123456789", "アカサタナハマヤラワ")
# By chance and by design the beginning of a longer number, such as a digest, is in no way one.
_UUID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])")


class Canaries:
    """The words of one municipality."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._code = tenancy.code
        self.kana = tenancy.code.translate(_KANA)
        """Six kana: where a rule lets nothing but a reading through."""
        self.account_number = f"9{self._code}"
        self.originator_code = f"7777{self._code}"
        self.hidden_address = f"⟦K{self._code}:隠家荘九丁目秘⟧"
        self.hidden_postal_code = f"8{self._code}"
        """Where a protected person lives: in no answer but one, also to their own town."""
        self.birth_on = f"19{self._code[:2]}-03-{self._code[2]}4"
        self._people = numbers(8, first=int(f"1{self._code}"))
        self._households = numbers(8, first=int(f"5{self._code}"))

    def text(self, what: str) -> str:
        """Return a text that says what it is and whose: ⟦K012084:住所⟧."""
        return f"⟦K{self._code}:{what}⟧"

    def code(self, what: str) -> str:
        """Return a code that a list of the office may carry."""
        return f"K{self._code}-{what}"

    def resident_number(self, place: int) -> str:
        return self._people[place]

    def household_number(self, place: int) -> str:
        return self._households[place]

    def signs(self) -> "Signs":
        """Return how the words are recognised, in every form they may leave in."""
        letters = [f"K{self._code}", self.kana, str(to_zengin(self.kana))]
        digits = [self.account_number, self.originator_code, *self._people, *self._households]
        return Signs(letters, digits)


class Signs:
    """Recognises one municipality's words and identifiers in bytes."""

    def __init__(self, letters: Iterable[str], digits: Iterable[str]) -> None:
        forms = {form for word in letters for form in _forms(word)}
        # Digits are looked for as whole numbers: by chance they are also a part of any long one.
        whole = b"(?<![0-9a-zA-Z])(?:" + b"|".join(word.encode() for word in digits)
        self._words = re.compile(
            b"|".join(map(re.escape, sorted(forms))) + b"|" + whole + b")(?![0-9a-zA-Z])"
        )
        self._ids: set[bytes] = set()

    def know(self, ids: Iterable[str]) -> None:
        """Add identifiers that are this municipality's own."""
        self._ids.update(id_.replace("-", "").encode() for id_ in ids)

    def found_in(self, data: bytes) -> Iterator[str]:
        """Yield what of this municipality is in there."""
        for found in set(self._words.findall(data)):
            yield found.decode("utf-8", "replace")
        for found in set(_UUID.findall(data)):
            if found.replace(b"-", b"") in self._ids:
                yield found.decode()


def identifiers_in(text: str) -> set[str]:
    """Return every UUID of a text."""
    return {found.decode() for found in _UUID.findall(text.encode())}


def _forms(word: str) -> Iterator[bytes]:
    yield word.encode()
    yield word.encode("cp932")
    yield word.encode("unicode_escape")
