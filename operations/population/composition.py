"""Composes households that could exist: who lives with whom, of what age, under which names.

Relationships are written as registers have written them since 1995: every child is 子, and a
grandchild is 子の子 (住民基本台帳事務処理要領). A child is always born when both parents were at
least 17, and siblings at least a year apart.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from .chance import Chance, Lottery, years_before
from .names import FEMALE, MALE, ForeignFamily, NameBook, NamePart
from .residents import HOUSEHOLDER, HouseholdKind as Kind, Member

# Ages come in bands of five years; 95 stands for 95 to 99.
_ELDERLY_ALONE = Lottery[int](
    [(65, 17.0), (70, 22.0), (75, 22.0), (80, 18.0), (85, 13.0), (90, 6.0), (95, 2.0)]
)
_ELDERLY_WIVES = Lottery[int](
    [(60, 12.0), (65, 23.0), (70, 27.0), (75, 22.0), (80, 11.0), (85, 5.0)]
)
_IN_CARE = Lottery[int]([(75, 10.0), (80, 20.0), (85, 32.0), (90, 26.0), (95, 12.0)])
_CHILDREN = Lottery([(1, 44.0), (2, 42.0), (3, 12.0), (4, 2.0)])
Family = NamePart | ForeignFamily


class Composer:
    """Composes one household after another as of one day."""

    def __init__(self, chance: Chance, *, as_of: date, origins: Mapping[str, float]) -> None:
        self._chance = chance
        self._names = NameBook(chance)
        self._as_of = as_of
        self._origins = Lottery(list(origins.items()))
        self._recipes: Mapping[Kind, Callable[[], list[Member]]] = {
            Kind.YOUNG_SINGLE: lambda: self._single(self._chance.towards_low(19, 39)),
            Kind.MIDDLE_SINGLE: lambda: self._single(self._chance.integer(40, 64)),
            Kind.ELDERLY_SINGLE: lambda: self._single(self._old(_ELDERLY_ALONE), women=0.68),
            Kind.INSTITUTION: lambda: self._single(self._old(_IN_CARE), women=0.74),
            Kind.FOREIGN_SINGLE: self._foreign_single,
            Kind.YOUNG_COUPLE: lambda: self._couple(self._chance.around(23, 40)),
            Kind.MIDDLE_COUPLE: lambda: self._couple(self._chance.integer(41, 63)),
            Kind.ELDERLY_COUPLE: lambda: self._couple(self._old(_ELDERLY_WIVES)),
            Kind.FAMILY: self._family,
            Kind.ADULT_CHILD_FAMILY: self._adult_child_family,
            Kind.SINGLE_PARENT: self._single_parent,
            Kind.PARENT_AND_ADULT_CHILD: self._parent_and_adult_child,
            Kind.THREE_GENERATIONS: self._three_generations,
            Kind.SHARED: self._shared,
            Kind.FOREIGN_FAMILY: self._foreign_family,
            Kind.MIXED_COUPLE: self._mixed_couple,
        }

    def compose(self, kind: Kind) -> list[Member]:
        """Return the members of a new household; exactly one of them is its householder."""
        return self._recipes[kind]()

    # --- people

    def _aged(self, years: int) -> date:
        """Return a day of birth of somebody who has completed so many years."""
        return years_before(self._as_of, years) - timedelta(days=self._chance.integer(0, 364))

    def _old(self, bands: Lottery[int]) -> int:
        return self._chance.draw(bands) + self._chance.integer(0, 4)

    def _gender(self) -> str:
        return MALE if self._chance.happens(0.512) else FEMALE

    def person(self, family: Family, *, relationship: str, gender: str, born_on: date) -> Member:
        """Name a person of a family and say what they are to the householder."""
        if isinstance(family, ForeignFamily):
            name = self._names.foreign(family, gender=gender, year=born_on.year)
        else:
            name = self._names.japanese(family, gender=gender, year=born_on.year)
        return Member(
            relationship=relationship,
            gender=gender,
            born_on=born_on,
            name=name,
            is_foreign=isinstance(family, ForeignFamily),
        )

    def _children(
        self, family: Family, *, parent_born_on: date, eldest: int, relationship: str = "子"
    ) -> list[Member]:
        """Return children from the eldest down; those who would not be born yet are left out."""
        born_on = max(self._aged(eldest), years_before(parent_born_on, -18))
        children: list[Member] = []
        for _ in range(self._chance.draw(_CHILDREN)):
            if born_on > self._as_of:
                break
            children.append(
                self.person(
                    family, relationship=relationship, gender=self._gender(), born_on=born_on
                )
            )
            born_on += timedelta(days=self._chance.integer(400, 1700))
        return children

    def _pair(
        self, husband: Family, wife: Family, *, wife_age: int, unmarried: bool = False
    ) -> list[Member]:
        """Return a couple, the householder first; five times in six that is the husband."""
        wife_born = self._aged(wife_age)
        husband_born = wife_born - timedelta(days=self._chance.around(-1000, 2600))
        mark = "（未届）" if unmarried else ""
        if self._chance.happens(5 / 6):
            return [
                self.person(husband, relationship=HOUSEHOLDER, gender=MALE, born_on=husband_born),
                self.person(wife, relationship="妻" + mark, gender=FEMALE, born_on=wife_born),
            ]
        return [
            self.person(wife, relationship=HOUSEHOLDER, gender=FEMALE, born_on=wife_born),
            self.person(husband, relationship="夫" + mark, gender=MALE, born_on=husband_born),
        ]

    # --- households

    def _single(self, age: int, *, women: float = 0.45) -> list[Member]:
        gender = FEMALE if self._chance.happens(women) else MALE
        born_on = self._aged(age)
        family = self._names.family()
        return [self.person(family, relationship=HOUSEHOLDER, gender=gender, born_on=born_on)]

    def _couple(self, wife_age: int) -> list[Member]:
        family = self._names.family()
        return self._pair(family, family, wife_age=wife_age)

    def _family(self) -> list[Member]:
        family = self._names.family()
        eldest = self._chance.integer(0, 20)
        couple = self._pair(family, family, wife_age=eldest + self._chance.around(22, 38))
        return [*couple, *self._offspring(family, couple, eldest=eldest)]

    def _offspring(self, family: Family, couple: list[Member], *, eldest: int) -> list[Member]:
        younger = max(member.born_on for member in couple)
        return self._children(family, parent_born_on=younger, eldest=eldest)

    def _adult_child_family(self) -> list[Member]:
        family = self._names.family()
        child_age = self._chance.integer(21, 54)
        couple = self._pair(family, family, wife_age=child_age + self._chance.around(22, 33))
        child = self._grown_child(family, couple, age=child_age)
        return [*couple, child]

    def _grown_child(self, family: Family, parents: list[Member], *, age: int) -> Member:
        earliest = years_before(max(parent.born_on for parent in parents), -18)
        gender = MALE if self._chance.happens(0.6) else FEMALE
        born_on = max(self._aged(age), earliest)
        return self.person(family, relationship="子", gender=gender, born_on=born_on)

    def _single_parent(self) -> list[Member]:
        family = self._names.family()
        eldest = self._chance.integer(1, 19)
        gender = FEMALE if self._chance.happens(0.87) else MALE
        born_on = self._aged(eldest + self._chance.around(20, 37))
        parent = self.person(family, relationship=HOUSEHOLDER, gender=gender, born_on=born_on)
        return [parent, *self._children(family, parent_born_on=born_on, eldest=eldest)]

    def _parent_and_adult_child(self) -> list[Member]:
        family = self._names.family()
        age = self._chance.integer(36, 66)
        child_gender = MALE if self._chance.happens(0.6) else FEMALE
        parent_gender = FEMALE if self._chance.happens(0.8) else MALE
        child_born = self._aged(age)
        parent_born = years_before(child_born, self._chance.around(21, 34))
        word = "母" if parent_gender == FEMALE else "父"
        return [
            self.person(family, relationship=HOUSEHOLDER, gender=child_gender, born_on=child_born),
            self.person(family, relationship=word, gender=parent_gender, born_on=parent_born),
        ]

    def _three_generations(self) -> list[Member]:
        return self._headed_by_elders() if self._chance.happens(0.45) else self._headed_by_parents()

    def _headed_by_parents(self) -> list[Member]:
        couple_and_children = self._family()
        couple = couple_and_children[:2]
        elder_of = self._chance.pick(couple)
        gender = FEMALE if self._chance.happens(0.7) else MALE
        word = "母" if gender == FEMALE else "父"
        if elder_of.relationship != HOUSEHOLDER:
            word = f"{elder_of.relationship}の{word}"
        family = self._family_of(elder_of, couple_and_children)
        born_on = years_before(elder_of.born_on, self._chance.around(21, 34))
        elder = self.person(family, relationship=word, gender=gender, born_on=born_on)
        return [*couple_and_children, elder]

    def _family_of(self, member: Member, household: list[Member]) -> NamePart:
        """Return the name of a member's own parents: theirs, or another for who married in."""
        if member.relationship != HOUSEHOLDER:
            return self._names.family()
        name = household[0].name
        return NamePart(
            name.formal.split("　")[0], name.display.split("　")[0], name.kana.split("　")[0]
        )

    def _headed_by_elders(self) -> list[Member]:
        family = self._names.family()
        eldest = self._chance.integer(0, 18)
        mother_born = self._aged(eldest + self._chance.around(23, 36))
        father_born = mother_born - timedelta(days=self._chance.around(-700, 2200))
        elder_born = years_before(father_born, self._chance.around(22, 32))
        spouse_born = elder_born + timedelta(days=self._chance.integer(0, 1400))
        younger = max(mother_born, father_born)
        return [
            self.person(family, relationship=HOUSEHOLDER, gender=MALE, born_on=elder_born),
            self.person(family, relationship="妻", gender=FEMALE, born_on=spouse_born),
            self.person(family, relationship="子", gender=MALE, born_on=father_born),
            self.person(family, relationship="子の妻", gender=FEMALE, born_on=mother_born),
            *self._children(family, parent_born_on=younger, eldest=eldest, relationship="子の子"),
        ]

    def separated(self) -> tuple[list[Member], list[Member]]:
        """Return a mother with her children, and the husband they live apart from."""
        family = self._names.family()
        eldest = self._chance.integer(2, 14)
        mother_born = self._aged(eldest + self._chance.around(21, 34))
        father_born = mother_born - timedelta(days=self._chance.around(-700, 2600))
        mother = self.person(family, relationship=HOUSEHOLDER, gender=FEMALE, born_on=mother_born)
        children = self._children(
            family, parent_born_on=max(mother_born, father_born), eldest=eldest
        )
        father = self.person(family, relationship=HOUSEHOLDER, gender=MALE, born_on=father_born)
        return [mother, *children], [father]

    def _shared(self) -> list[Member]:
        """People who share a home without being a married couple: partners, siblings, lodgers."""
        age = self._chance.integer(22, 66)
        if self._chance.happens(0.5):
            return self._pair(
                self._names.family(), self._names.family(), wife_age=age, unmarried=True
            )
        family = self._names.family()
        first = self.person(
            family, relationship=HOUSEHOLDER, gender=self._gender(), born_on=self._aged(age)
        )
        gender = self._gender()
        if self._chance.happens(0.7):
            born_on = first.born_on + timedelta(days=self._chance.integer(500, 2500))
            word = "弟" if gender == MALE else "妹"
            return [first, self.person(family, relationship=word, gender=gender, born_on=born_on)]
        lodger = self.person(
            self._names.family(),
            relationship=self._chance.pick(("同居人", "縁故者")),
            gender=gender,
            born_on=self._aged(age),
        )
        return [first, lodger]

    def _foreign_single(self) -> list[Member]:
        family = self._names.foreign_family(self._origins)
        born_on = self._aged(self._chance.towards_low(19, 48))
        return [
            self.person(family, relationship=HOUSEHOLDER, gender=self._gender(), born_on=born_on)
        ]

    def _foreign_family(self) -> list[Member]:
        family = self._names.foreign_family(self._origins)
        own = self._names.foreign_family(Lottery([(family.origin, 1.0)]))
        eldest = self._chance.integer(0, 14)
        couple = self._pair(family, own, wife_age=eldest + self._chance.around(23, 34))
        return [*couple, *self._offspring(family, couple, eldest=eldest)]

    def _mixed_couple(self) -> list[Member]:
        """A Japanese and a foreign spouse; their children are Japanese and carry that name."""
        family = self._names.family()
        foreign = self._names.foreign_family(self._origins)
        husband, wife = (family, foreign) if self._chance.happens(0.7) else (foreign, family)
        eldest = self._chance.integer(0, 18)
        couple = self._pair(husband, wife, wife_age=eldest + self._chance.around(23, 36))
        if self._chance.happens(0.3):
            return couple
        return [*couple, *self._offspring(family, couple, eldest=eldest)]
