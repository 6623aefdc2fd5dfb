"""Five million residents: a million in one municipality, the rest over all others, made in SQL."""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import asyncpg
import psutil

from benchmarks.journey.house import CODE
from benchmarks.processes import environment, running
from foundation.encryption import Keyring
from foundation.identifiers import TenantId
from operations.postgres import DATABASE, Cluster

# Two halves of a family name and of a given name, each with its reading; drawn unevenly, so that
# the first is as frequent as 佐藤 is, and the last nearly alone.
_FAMILY: Final = """
    佐サ 高タカ 田タ 渡ワタ 伊イ 山ヤマ 中ナカ 小コ 加カ 吉ヨシ 松マツ 井イ 木キ 林ハヤシ 清シ
    斎サイ 森モリ 池イケ 橋ハシ 石イシ 前マエ 藤フジ 岡オカ 長ハセ 近コン 村ムラ 遠エン 青アオ
    坂サカ
    福フク 太オオ 西ニシ 原ハラ 三ミ 竹タケ 金カネ 和ワ 野ノ 上ウエ 秋アキ
"""
_FAMILY_ENDS: Final = """
    藤トウ 橋ハシ 中ナカ 辺ナベ 本モト 田ダ 林バヤシ 村ムラ 川カワ 水ミズ 野ノ 崎サキ 島シマ
    口グチ 原ハラ 谷ガワ 沢ザワ 内ウチ 山ヤマ 木キ
"""
_GIVEN: Final = """
    花ハナ 美ミ 京キヨウ 裕ユウ 陽ヨウ 健ケン 一イチ 真マ 直ナオ 智トモ 和カズ 恵ケイ 幸ユキ
    優ユウ 翔シヨウ 大ダイ 彩アヤ 結ユイ 蓮レン 航コウ 由ユ 久ヒサ 千チ 春ハル 夏ナツ 秋アキ 文フミ
    明アキ 光ミツ 正マサ
"""
_GIVEN_ENDS: Final = "子コ 美ミ 郎ロウ 太タ 介スケ 人ト 代ヨ 香カ 斗ト 奈ナ 也ヤ 一イチ"
_TOWNS: Final = """
    大通 北進町 中央町 緑ヶ丘 美山町 栄町 本町 常盤町 三輪 高栄 北光 桜町 朝日町 幸町 若葉 川東
    山下町 泉町 春光町 寿町 花月町 末広町 豊地 端野町 留辺蘂町 常呂町 東陵町 田端町 無加川町 卸町
"""
_INDEXES: Final = """
    SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS made
    FROM pg_index i WHERE i.indrelid = 'registry.residents'::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""


def _pieces(*texts: str) -> tuple[list[str], list[str]]:
    """Return all compounds of the halves, and their readings."""
    halves = [[(one[0], one[1:]) for one in text.split()] for text in texts]
    both = [(a[0] + b[0], a[1] + b[1]) for b in halves[1] for a in halves[0]]
    return [kanji for kanji, _ in both], [kana for _, kana in both]


async def furnish(cluster: Cluster, folder: Path, *, large: int, others: int) -> int:
    """Enter the municipalities and their residents; return the large one's number."""
    platform = await asyncpg.connect(cluster.dsn("platform_owner", DATABASE))
    try:
        tenants = [
            int(row[0])
            for row in await platform.fetch(
                "INSERT INTO platform.tenants (kind, name, name_kana, prefecture_name, status)"
                " SELECT 'municipality', '市' || n, '', '', 'live' FROM generate_series(1, 1741) n"
                " RETURNING tenant_id"
            )
        ]
        await platform.execute(
            "INSERT INTO platform.tenant_codes (municipality_code, tenant_id, valid_from)"
            " VALUES ($1, $2, '2000-01-01')",
            CODE,
            tenants[0],
        )
    finally:
        await platform.close()
    for service in ("registry", "platform"):
        Keyring(folder / "keys" / service).create(TenantId(tenants[0]))
    await _populate(cluster, tenants, large=large, others=others)
    return tenants[0]


async def _populate(cluster: Cluster, tenants: list[int], *, large: int, others: int) -> None:
    """Write the rows without their indexes, on two connections, then make the indexes."""
    superuser = await asyncpg.connect(cluster.superuser_dsn(DATABASE))
    try:
        indexes = await superuser.fetch(_INDEXES)
        for index in indexes:
            await superuser.execute(f"DROP INDEX {index['name']}")
        half = large // 2
        await asyncio.gather(
            _residents(cluster, tenants[:1], 0, half),
            _residents(cluster, tenants[:1], half, large),
        )
        spread = tenants[1:]
        middle = others // 2
        await asyncio.gather(
            _residents(cluster, spread, large, large + middle),
            _residents(cluster, spread, large + middle, large + others),
        )
        await superuser.execute("SET maintenance_work_mem = '1GB'")
        for index in indexes:
            await superuser.execute(index["made"])
        await superuser.execute("VACUUM (ANALYZE) registry.residents")
        await superuser.execute("VACUUM (ANALYZE) registry.households")
    finally:
        await superuser.close()


async def _residents(cluster: Cluster, tenants: list[int], first: int, end: int) -> None:
    """Write the residents with these serial numbers, two to a household."""
    families, family_kana = _pieces(_FAMILY, _FAMILY_ENDS)
    given, given_kana = _pieces(_GIVEN, _GIVEN_ENDS)
    connection = await asyncpg.connect(cluster.superuser_dsn(DATABASE))
    try:
        # The households are there; asking for each five million times would measure nothing.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET synchronous_commit = off")
        await connection.execute(
            "INSERT INTO registry.households (tenant_id, id, household_number)"
            " SELECT t[1 + (n / 2) % cardinality(t)], md5('h' || n / 2)::uuid, 'H' || n / 2"
            " FROM (SELECT $1::int[] t) x, generate_series($2::int, $3::int - 1, 2) n",
            tenants, first, end,
        )  # fmt: skip
        await connection.execute(
            """
            INSERT INTO registry.residents (tenant_id, household_id, resident_number,
              relationship, is_householder, name_formal, name_display, name_kana,
              name_kana_verified, alias, name_latin, birth_text, birth_on, birth_precision,
              gender, nationality_kind, postal_code, address, resident_from, tax_status,
              name_search, kana_search, content_digest, protection)
            SELECT t[1 + (n / 2) % cardinality(t)], md5('h' || n / 2)::uuid, n::text,
              '世帯主', n % 2 = 0, f[i] || ' ' || g[j], f[i] || ' ' || g[j], fk[i] || ' ' || gk[j],
              true, CASE WHEN n % 40 = 0 THEN f[j] || g[i % cardinality(g) + 1] ELSE '' END,
              CASE WHEN n % 40 = 0 THEN 'NGUYEN ' || upper(left(md5(n::text), 5)) ELSE '' END,
              b::text, b, 'day', '1', 'japanese', '0900000',
              '北海道北見市' || w[1 + (n / 2) % cardinality(w)] || c || '丁目' || d || '番地' || e,
              '2010-04-01', 'unknown', f[i] || g[j], fk[i] || gk[j], '\\x00', ''
            FROM (SELECT $1::int[] t, $4::text[] f, $5::text[] fk, $6::text[] g, $7::text[] gk,
                    $8::text[] w) x,
              LATERAL (SELECT n, 1 + floor(cardinality(f) * power(random(), 2))::int i,
                1 + floor(cardinality(g) * power(random(), 1.5))::int j,
                1 + n / 2 % 9 c, 1 + n / 7 % 40 d, 1 + n / 3 % 20 e,
                '1930-01-01'::date + (random() * 35000)::int b
                FROM generate_series($2::int, $3::int - 1) n) r
            """,
            tenants, first, end, families, family_kana, given, given_kana, _TOWNS.split(),
        )  # fmt: skip
    finally:
        await connection.close()


def open_service(stack: ExitStack, cluster: Cluster, folder: Path) -> psutil.Process:
    """Start the registry as the product does."""
    (folder / "run").mkdir(mode=0o700, exist_ok=True)
    socket = folder / "run" / "registry.sock"
    variables = {
        "TAMAIRE_ENVIRONMENT": "development",
        "TAMAIRE_DATABASE_URL": cluster.dsn("registry_app", DATABASE),
        "TAMAIRE_WORKER_DATABASE_URL": cluster.dsn("registry_worker", DATABASE),
        "TAMAIRE_KEY_DIRECTORY": str(folder / "keys" / "registry"),
        "TAMAIRE_INTERNAL_PUBLIC_KEYS": str(folder / "keys" / "internal" / "jwks.json"),
        "TAMAIRE_LISTEN": f"unix:{socket}",
    }
    command = [sys.executable, "-m", "operations.serve", "registry"]
    return stack.enter_context(running(command, socket, environment=environment(variables)))
