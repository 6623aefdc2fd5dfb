"""The shape of JPKI certificates: policies, the holder's attributes, and how long they last.

Sources: the JPKI certificate profile as summarised in public documentation of verifiers; where a
test identifier is published (JPKI-TEST, signing certificate) that one is used, so that nothing
made here can be taken for the real thing by a verifier configured for the real policy.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from infra.identity.clock import JST

MINIMUM_RSA_BITS = 2048
VALID_BIRTHDAYS = 5
SIGNING_AGE = 15

_ARC = "1.2.392.200149.8.5.5"
NAME, NAME_SUBSTITUTES, GENDER, BORN, ADDRESS, ADDRESS_SUBSTITUTES = (
    ObjectIdentifier(f"{_ARC}.{number}") for number in range(1, 7)
)
_DER_UTF8_STRING = 0x0C
_DER_SHORT_LENGTH = 0x80


class Kind(Enum):
    """The two certificates of a card; value = (slug, policy, organisational unit of the issuer)."""

    AUTHENTICATION = (
        "authentication",
        ObjectIdentifier("1.2.392.200149.8.5.1.3.30"),
        "JPKI for user authentication (simulator)",
    )
    SIGNING = (
        "signing",
        ObjectIdentifier("1.2.392.200149.8.5.1.0.20"),
        "JPKI for digital signature (simulator)",
    )

    @property
    def slug(self) -> str:
        return self.value[0]

    @property
    def policy(self) -> ObjectIdentifier:
        return self.value[1]

    @property
    def issuer(self) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "JPKI-SIMULATOR"),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, self.value[2]),
            ]
        )

    @property
    def key_usage(self) -> x509.KeyUsage:
        """RFC 5280 §4.2.1.3; only the signing certificate may commit its holder to a content."""
        return key_usage(content_commitment=self is Kind.SIGNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The four attributes and their flags: 1 where the text differs from the register's glyph."""

    name: str
    name_substitutes: str
    gender: str
    born_on: date
    address: str
    address_substitutes: str

    def subject_alternative_name(self) -> x509.SubjectAlternativeName:
        """The otherName entries in the order real cards use: 1, 4, 3, 5, 2, 6."""
        entries = (
            (NAME, self.name),
            (BORN, era_date(self.born_on)),
            (GENDER, self.gender),
            (ADDRESS, self.address),
            (NAME_SUBSTITUTES, self.name_substitutes or "0" * len(self.name)),
            (ADDRESS_SUBSTITUTES, self.address_substitutes or "0" * len(self.address)),
        )
        return x509.SubjectAlternativeName([x509.OtherName(o, utf8_string(t)) for o, t in entries])


_ERAS = (
    (date(2019, 5, 1), "5"),
    (date(1989, 1, 8), "4"),
    (date(1926, 12, 25), "3"),
    (date(1912, 7, 30), "2"),
    (date(1868, 1, 25), "1"),
)


def era_date(day: date) -> str:
    """`EYYYYMMDD`: the era's digit, then the *Gregorian* year (`319800217` is 17 February 1980)."""
    era = next((digit for first, digit in _ERAS if day >= first), "0")
    return f"{era}{day:%Y%m%d}"


def fifth_birthday_after(issued: datetime, born_on: date) -> datetime:
    """The end of the fifth birthday after issue, Japanese time, as an instant in UTC."""
    issued_on = issued.astimezone(JST).date()
    first = issued_on.year if _birthday(born_on, issued_on.year) > issued_on else issued_on.year + 1
    last_day = _birthday(born_on, first + VALID_BIRTHDAYS - 1)
    return datetime.combine(last_day, time(23, 59, 59), JST).astimezone(UTC)


def is_of_signing_age(born_on: date, on: date) -> bool:
    """A signing certificate is not issued to anyone under fifteen."""
    return _birthday(born_on, born_on.year + SIGNING_AGE) <= on


def utf8_string(text: str) -> bytes:
    """DER UTF8String (X.690 §8.23), which is what an otherName of this arc carries."""
    content = text.encode()
    size = len(content)
    if size < _DER_SHORT_LENGTH:
        return bytes((_DER_UTF8_STRING, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((_DER_UTF8_STRING, _DER_SHORT_LENGTH | len(length))) + length + content


def key_usage(*, content_commitment: bool = False, authority: bool = False) -> x509.KeyUsage:
    """RFC 5280 §4.2.1.3: no key here encrypts, and only an authority's signs certificates."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _birthday(born_on: date, year: int) -> date:
    if (born_on.month, born_on.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return born_on.replace(year=year)
