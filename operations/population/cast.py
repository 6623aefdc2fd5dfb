"""The named people of each demonstration: the same in every run, whatever else is invented.

Each municipality has the same cast under its own prefix (`kitami-hanako`, `chiyoda-hanako`), so a
story told in one town can be told in another. All are invented; so are their addresses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from foundation.identifiers import SANDBOX, MunicipalityCode

from .names import FEMALE, MALE, NamePart, PersonName, japanese
from .residents import HOUSEHOLDER, HouseholdKind as Kind, Member, TaxStatus

_E, _T, _P, _U = (
    TaxStatus.EXEMPT,
    TaxStatus.TAXED,
    TaxStatus.PER_CAPITA_ONLY,
    TaxStatus.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Town:
    """How the cast of a municipality is called, and where it lives."""

    prefix: str
    family: NamePart
    towns: tuple[str, ...]


TOWNS: Mapping[str, Town] = {
    "012084": Town(
        "kitami",
        NamePart("北見", "北見", "キタミ"),
        ("栄町", "とん田東町", "北四条西", "留辺蘂町旭中央"),
    ),
    "302082": Town(
        "kinokawa",
        NamePart("紀野", "紀野", "キノ"),
        ("打田", "粉河", "貴志川町長原", "桃山町元"),
    ),
    "131016": Town(
        "chiyoda",
        NamePart("千代田", "千代田", "チヨダ"),
        ("神田神保町", "麹町", "外神田", "富士見"),
    ),
    SANDBOX: Town(
        "shiken",
        NamePart("試験", "試験", "シケン"),
        ("見本町", "仮町", "例町", "試町"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """A named person: the end of their name in the demonstration, and the state of their card."""

    suffix: str
    member: Member
    tax_status: TaxStatus
    card: str | None = "ok"
    """`ok`, `expired`, `revoked`, or None for a person who has no card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A household of named people and what the register says of all of them."""

    kind: Kind
    town: str
    lot: int
    house: int
    since: date
    players: tuple[Player, ...]
    until: date | None = None
    is_protected: bool = False
    birth_text: str | None = None
    """What the register knows of the householder's birth, if less than a day."""


def _person(who: PersonName, born: str, gender: str, *, relationship: str = HOUSEHOLDER) -> Member:
    return Member(
        relationship=relationship,
        gender=gender,
        born_on=date.fromisoformat(born),
        name=who,
        is_foreign=bool(who.latin),
    )


def _named(formal: str, kana: str, display: str = "") -> PersonName:
    family, given = formal.split()
    family_kana, given_kana = kana.split()
    shown = display.split() if display else (family, given)
    return japanese(NamePart(family, shown[0], family_kana), NamePart(given, shown[1], given_kana))


def prefix_of(code: MunicipalityCode) -> str | None:
    """Return the prefix under which the cast of a demonstration goes, None for other places."""
    return TOWNS[code].prefix if code in TOWNS else None


def scenes_of(code: MunicipalityCode) -> Sequence[Scene]:
    """Return the households of the cast, always in the same order; none outside the demos."""
    if code not in TOWNS:
        return ()
    town = TOWNS[code]
    return (*_families(town), *_people_alone(town), *_people_apart(town))


def _families(town: Town) -> tuple[Scene, ...]:
    family, kana = town.family.formal, town.family.kana

    def kin(given: str, given_kana: str) -> PersonName:
        return _named(f"{family} {given}", f"{kana} {given_kana}")

    return (
        Scene(
            kind=Kind.SINGLE_PARENT,
            town=town.towns[0],
            lot=12,
            house=3,
            since=date(2015, 4, 1),
            players=(
                _player("hanako", _person(kin("花子", "ハナコ"), "1992-04-15", FEMALE), _E),
                _player("haruto", _child(kin("陽翔", "ハルト"), "2016-07-03", MALE), _E),
                _player("yuina", _child(kin("結菜", "ユイナ"), "2019-11-20", FEMALE), _E, None),
            ),
        ),
        Scene(
            kind=Kind.FAMILY,
            town=town.towns[1],
            lot=8,
            house=15,
            since=date(2012, 10, 6),
            players=(
                _player("taro", _person(kin("太郎", "タロウ"), "1985-08-21", MALE), _T),
                _player("miho", _spouse(kin("美穂", "ミホ"), "1987-01-30", FEMALE), _E),
                _player("minor", _child(kin("蓮", "レン"), "2014-05-05", MALE), _E),
            ),
        ),
    )


_NGUYEN = PersonName(
    formal="NGUYEN THI LAN",
    display="NGUYEN THI LAN",
    kana="グエン　ティ　ラン",
    latin="NGUYEN THI LAN",
    alias="田中　蘭",
)
_TAKASAKI = _named("髙﨑 誠", "タカサキ マコト", "高﨑 誠")
_YOSHIDA = _named("𠮷田 美智子", "ヨシダ ミチコ", "吉田 美智子")
_WATANABE = _named("渡邊\U000e0102 茂", "ワタナベ シゲル", "渡邊 茂")
_SASAKI = _named("佐々木 浩", "ササキ ヒロシ")
_ALONE = (
    ("takasaki", _TAKASAKI, "1972-12-02", MALE, _T, "ok"),
    ("yoshida", _YOSHIDA, "1955-03-09", FEMALE, _E, "ok"),
    ("nguyen", _NGUYEN, "1996-02-11", FEMALE, _P, "ok"),
    ("expired", _SASAKI, "1968-06-17", MALE, _T, "expired"),
    ("revoked", _WATANABE, "1950-09-28", MALE, _E, "revoked"),
)


def _people_alone(town: Town) -> tuple[Scene, ...]:
    singles = [
        Scene(
            kind=_kind_at(born),
            town=town.towns[place % len(town.towns)],
            lot=20 + place,
            house=place + 1,
            since=date(2018, 4, 1),
            players=(_player(suffix, _person(name, born, gender), status, card),),
        )
        for place, (suffix, name, born, gender, status, card) in enumerate(_ALONE)
    ]
    return (*singles, _newcomer(town), _elder(town), _leaver(town))


def _newcomer(town: Town) -> Scene:
    member = _person(_named("斉\U000e0103藤 涼", "サイトウ リョウ", "斉藤 涼"), "2001-10-31", MALE)
    return Scene(
        kind=Kind.YOUNG_SINGLE,
        town=town.towns[0],
        lot=31,
        house=2,
        since=date(2026, 3, 28),
        players=(_player("newcomer", member, _U),),
    )


def _elder(town: Town) -> Scene:
    member = _person(_named("山本 キヨ", "ヤマモト キヨ"), "1932-07-01", FEMALE)
    return Scene(
        kind=Kind.ELDERLY_SINGLE,
        town=town.towns[3],
        lot=40,
        house=1,
        since=date(1955, 5, 10),
        players=(_player("elder", member, _E, None),),
        birth_text="1932-00-00",
    )


def _leaver(town: Town) -> Scene:
    member = _person(_named("石川 沙織", "イシカワ サオリ"), "1990-11-11", FEMALE)
    return Scene(
        kind=Kind.YOUNG_SINGLE,
        town=town.towns[2],
        lot=33,
        house=4,
        since=date(2014, 4, 1),
        until=date(2026, 6, 30),
        players=(_player("moved", member, _T),),
    )


def _people_apart(town: Town) -> tuple[Scene, ...]:
    """A mother and child under protection, then the man they are protected from."""
    mother = _person(_named("小林 由美", "コバヤシ ユミ"), "1988-02-22", FEMALE)
    child = _child(_named("小林 紬", "コバヤシ ツムギ"), "2017-08-14", FEMALE)
    father = _person(_named("小林 剛", "コバヤシ ツヨシ"), "1984-12-19", MALE)
    return (
        Scene(
            kind=Kind.SINGLE_PARENT,
            town=town.towns[3],
            lot=27,
            house=6,
            since=date(2025, 11, 4),
            players=(
                _player("protected", mother, _E),
                _player("tsumugi", child, _E, None),
            ),
            is_protected=True,
        ),
        Scene(
            kind=Kind.MIDDLE_SINGLE,
            town=town.towns[1],
            lot=36,
            house=9,
            since=date(2016, 3, 20),
            players=(_player("kobayashi", father, _T),),
        ),
    )


def _player(suffix: str, member: Member, tax_status: TaxStatus, card: str | None = "ok") -> Player:
    return Player(suffix=suffix, member=member, tax_status=tax_status, card=card)


def _child(name: PersonName, born: str, gender: str) -> Member:
    return _person(name, born, gender, relationship="子")


def _spouse(name: PersonName, born: str, gender: str) -> Member:
    return _person(name, born, gender, relationship="妻" if gender == FEMALE else "夫")


def _kind_at(born: str) -> Kind:
    return Kind.ELDERLY_SINGLE if born < "1962" else Kind.MIDDLE_SINGLE
