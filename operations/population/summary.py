"""Says of a register what a town official would look at first, to see whether it can be true."""

from collections import Counter
from collections.abc import Iterator

from operations.reference import municipality

from .chance import age_on
from .names import MALE
from .residents import HouseholdKind as Kind, Population, Resident, TaxStatus

_BAND = 5
_OLDEST_BAND = 95
_WORKING_FROM, _ELDERLY_FROM = 15, 65
_BAR = 30
_SANDBOX_NAME = "試験市"

KIND_LABELS = {
    Kind.YOUNG_SINGLE: "単身 (39歳以下)",
    Kind.MIDDLE_SINGLE: "単身 (40~64歳)",
    Kind.ELDERLY_SINGLE: "単身 (高齢)",
    Kind.YOUNG_COUPLE: "夫婦のみ (若年)",
    Kind.MIDDLE_COUPLE: "夫婦のみ (中年)",
    Kind.ELDERLY_COUPLE: "夫婦のみ (高齢)",
    Kind.FAMILY: "夫婦と子",
    Kind.ADULT_CHILD_FAMILY: "夫婦と成人した子",
    Kind.SINGLE_PARENT: "ひとり親と子",
    Kind.PARENT_AND_ADULT_CHILD: "親と成人した子",
    Kind.THREE_GENERATIONS: "三世代",
    Kind.SHARED: "未届の夫婦・きょうだい・同居人",
    Kind.INSTITUTION: "施設",
    Kind.FOREIGN_SINGLE: "単身 (外国人)",
    Kind.FOREIGN_FAMILY: "家族 (外国人)",
    Kind.MIXED_COUPLE: "日本人と外国人の夫婦",
}
TAX_LABELS = {
    TaxStatus.EXEMPT: "非課税",
    TaxStatus.PER_CAPITA_ONLY: "均等割のみ",
    TaxStatus.TAXED: "課税",
    TaxStatus.UNKNOWN: "不明 (転入・未申告)",
}


def summary(population: Population) -> Iterator[str]:
    """Yield the lines of a summary: totals, age pyramid, households, taxation, special cases."""
    present = [r for r in population.residents if r.is_current]
    yield from _totals(population, present)
    yield ""
    yield from _pyramid(population, present)
    yield ""
    yield from _households(population)
    yield ""
    yield from _taxation(population, present)
    yield ""
    yield from _special_cases(population, present)


def _totals(population: Population, present: list[Resident]) -> Iterator[str]:
    homes = _inhabited(population)
    ages = [age_on(population.as_of, r.born_on) for r in present]
    young = sum(age < _WORKING_FROM for age in ages)
    elderly = sum(age >= _ELDERLY_FROM for age in ages)
    name = _SANDBOX_NAME
    if not population.code.is_sandbox:
        entry = municipality(population.code)
        name = f"{entry.prefecture_name}{entry.name}"
    yield f"{name} ({population.code})  {population.as_of} 現在・架空"
    yield f"人口 {len(present):,} 人  世帯 {homes:,}  1世帯 {len(present) / homes:.2f} 人"
    working = len(ages) - young - elderly
    yield (
        f"年少 {_share(young, len(ages))}  生産年齢 {_share(working, len(ages))}"
        f"  高齢化率 {_share(elderly, len(ages))}"
    )


def _inhabited(population: Population) -> int:
    return sum(any(r.is_current for r in home.residents) for home in population.households)


def _pyramid(population: Population, present: list[Resident]) -> Iterator[str]:
    men: Counter[int] = Counter()
    women: Counter[int] = Counter()
    for resident in present:
        age = age_on(population.as_of, resident.born_on)
        band = min(age // _BAND * _BAND, _OLDEST_BAND)
        (men if resident.gender == MALE else women)[band] += 1
    widest = max(*men.values(), *women.values())
    yield f"{'男':>{_BAR + 3}}   年齢   女"
    for band in range(_OLDEST_BAND, -1, -_BAND):
        left = "#" * round(men[band] * _BAR / widest)
        right = "#" * round(women[band] * _BAR / widest)
        label = f"{band}+" if band == _OLDEST_BAND else f"{band}-{band + _BAND - 1}"
        yield f"{men[band]:>4} {left:>{_BAR}} {label:^7} {right:<{_BAR}} {women[band]}"


def _households(population: Population) -> Iterator[str]:
    kinds = Counter(
        home.kind for home in population.households if any(r.is_current for r in home.residents)
    )
    total = kinds.total()
    yield "世帯の種類"
    for kind, count in kinds.most_common():
        yield f"  {count:>5} {_share(count, total)}  {KIND_LABELS[kind]}"


def _taxation(population: Population, present: list[Resident]) -> Iterator[str]:
    exempt = sum(home.is_wholly_exempt for home in population.households)
    yield f"住民税  全員が非課税の世帯 {exempt:,} ({_share(exempt, _inhabited(population))})"
    for status, count in Counter(r.tax_status for r in present).most_common():
        yield f"  {count:>5} {_share(count, len(present))}  {TAX_LABELS[status]}"


def _special_cases(population: Population, present: list[Resident]) -> Iterator[str]:
    cases = {
        "外国人住民": sum(r.is_foreign for r in present),
        "通称のある人": sum(bool(r.name.alias) for r in present),
        "支援措置のある人": sum(r.is_protected for r in present),
        "生年月日不詳の人": sum(r.birth_text.endswith("-00") for r in present),
        "正字と表示が異なる氏名": sum(r.name.formal != r.name.display for r in present),
        "転出した人 (別掲)": len(population.residents) - len(present),
    }
    yield "個別の事情"
    for label, count in cases.items():
        yield f"  {count:>5}  {label}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:4.1f}%"
