"""A statement is written once, has one name, and always asks about its own tenant."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from foundation.database import STATEMENTS, Statement, tenant_is
from foundation.identifiers import new_id

papers = Table(
    "papers",
    MetaData(schema="office"),
    Column("tenant_id", Integer, primary_key=True),
    Column("title", Text),
    Column("data", JSONB),
)


def a_name() -> str:
    return f"test.papers.{new_id()}"


class TestStatement:
    def test_renders_parameters_of_the_server(self) -> None:
        named = Statement(
            a_name(),
            select(papers.c.title).where(tenant_is(papers), papers.c.title == bindparam("title")),
        )
        assert "$1" in named.sql
        assert named.parameters == ("tenant_id", "title")
        assert named.arguments(7, {"title": "届"}) == [7, "届"]

    def test_has_a_name_of_its_own(self) -> None:
        name = a_name()
        Statement(name, select(papers.c.title).where(tenant_is(papers)))
        assert name in STATEMENTS
        with pytest.raises(ValueError, match=name):
            Statement(name, select(papers.c.title))

    def test_cannot_be_asked_without_a_tenant(self) -> None:
        ours = Statement(a_name(), select(papers.c.title).where(tenant_is(papers)))
        with pytest.raises(KeyError, match="tenant"):
            ours.arguments(None, {})

    def test_lets_nobody_choose_the_tenant(self) -> None:
        ours = Statement(a_name(), select(papers.c.title).where(tenant_is(papers)))
        assert ours.arguments(7, {"tenant_id": 8}) == [7]

    def test_refuses_what_it_has_no_place_for(self) -> None:
        ours = Statement(a_name(), select(papers.c.title).where(tenant_is(papers)))
        with pytest.raises(KeyError, match="limit"):
            ours.arguments(7, {"limit": 5})

    def test_writes_and_reads_json(self) -> None:
        kept = Statement(
            a_name(),
            insert(papers)
            .values(tenant_id=bindparam("tenant_id"), data=bindparam("data", type_=JSONB()))
            .returning(papers.c.data),
        )
        assert kept.arguments(7, {"data": {"名": 1}}) == [7, '{"名": 1}']
        assert kept.rows([{"data": '{"名": 1}'}]) == [{"data": {"名": 1}}]

    def test_only_reads_when_it_neither_changes_nor_holds_a_row(self) -> None:
        titles = select(papers.c.title).where(tenant_is(papers))
        changed = (
            update(papers).where(tenant_is(papers)).values(title="届").returning(papers.c.title)
        )
        held = titles.with_for_update(read=True)
        assert Statement(a_name(), titles).only_reads
        for acting in (
            changed,
            held,
            select(held.subquery()),
            select(changed.cte("changed").c.title),
            insert(papers).values(title="届"),
        ):
            assert not Statement(a_name(), acting).only_reads
