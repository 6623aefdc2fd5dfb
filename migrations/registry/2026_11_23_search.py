"""Finding people by what the counter knows of them, and telling other systems who has changed.

What is searched is made by the database from the row itself, in the statement that writes the row:
whoever writes, an import of a million or one correction, cannot forget it.
"""

from alembic import op

revision = "registry_search"
down_revision = "registry_protection"
branch_labels = None
depends_on = None

# The folding of services.registry.residents.domain.names as of this revision; a test compares them.
_VARIANTS = (
    "髙﨑嵜碕𠮷邊邉齋齊斎濵濱澤櫻廣國眞德惠榮龍瀨嶋嶌冨桒栁槇遙萬壽圓關黑藏顯彌豐實淸曻渕舘礒芦桧鷗籠",
    "高崎崎崎吉辺辺斉斉斉浜浜沢桜広国真徳恵栄竜瀬島島富桑柳槙遥万寿円関黒蔵顕弥豊実清昇淵館磯蘆檜鴎篭",
)
_SELECTORS = r"[\s\uFE00-\uFE0F\U000E0100-\U000E01EF]+"
_SMALL, _LARGE = "ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ"
_HIRAGANA = "".join(chr(code) for code in range(0x3041, 0x3097))
_KATAKANA = "".join(chr(code + 0x60) for code in range(0x3041, 0x3097)).translate(
    str.maketrans(_SMALL, _LARGE)
)
_DASHES = "‐‑‒–—―−ー－ｰ﹣⁻"
_LONG = {
    "ア": "アカサタナハマヤラワガザダバパ",
    "イ": "イキシチニヒミリギジヂビピエケセテネヘメレゲゼデベペ",
    "ウ": "ウクスツヌフムユルグズヅブプヴコソトノホモヨロゴゾドボポ",
    "オ": "オ",
}
_HEX = 0x7FFFFFFF


def upgrade() -> None:
    _folds()
    _tokens()
    _keys()
    _feed()


def _function(head: str, declared: str, body: str) -> None:
    op.execute(
        f"CREATE FUNCTION registry.{head} LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE"
        f" AS $function$ DECLARE {declared} BEGIN {body} END"
        " $function$"
    )


def _folds() -> None:
    _function(
        "name_key(given text) RETURNS text",
        "",
        f"""
        IF given = '' THEN RETURN ''; END IF;
        RETURN pg_catalog.normalize(pg_catalog.casefold(pg_catalog.translate(
          pg_catalog.regexp_replace(pg_catalog.normalize(given, 'NFKC'), '{_SELECTORS}', '', 'g'),
          '{_VARIANTS[0]}', '{_VARIANTS[1]}') COLLATE pg_catalog.pg_unicode_fast), 'NFKC');
        """,
    )
    long_vowels = "\n".join(
        f"key := pg_catalog.regexp_replace(key, '([{row}])ー', '\\1{vowel}', 'g');"
        for vowel, row in _LONG.items()
    )
    _function(
        "kana_key(given text) RETURNS text",
        "key text;",
        f"""
        IF given = '' THEN RETURN ''; END IF;
        key := pg_catalog.translate(
          pg_catalog.regexp_replace(pg_catalog.normalize(given, 'NFKC'), '{_SELECTORS}', '', 'g'),
          '{_HIRAGANA}{_SMALL}{_DASHES}-',
          '{_KATAKANA}{_LARGE}{"ー" * (len(_DASHES) + 1)}');
        IF pg_catalog.strpos(key, 'ー') > 0 THEN {long_vowels} END IF;
        RETURN key;
        """,
    )
    _function(
        "address_key(given text) RETURNS text",
        "key text;",
        f"""
        IF given = '' THEN RETURN ''; END IF;
        key := pg_catalog.normalize(given, 'NFKC');
        IF key ~ '{_SELECTORS}' THEN
          key := pg_catalog.regexp_replace(key, '{_SELECTORS}', '', 'g');
        END IF;
        key := pg_catalog.translate(key,
          '丁番号{_DASHES}ヶがヵ〇一二三四五六七八九{_VARIANTS[0]}',
          '---{"-" * len(_DASHES)}ケケカ0123456789{_VARIANTS[1]}');
        IF pg_catalog.strpos(key, '十') > 0 THEN
          key := pg_catalog.regexp_replace(key, '([1-9])十([1-9])', '\\1\\2', 'g');
          key := pg_catalog.regexp_replace(key, '([1-9])十', '\\10', 'g');
          key := pg_catalog.regexp_replace(key, '十([1-9])', '1\\1', 'g');
          key := pg_catalog.replace(key, '十', '10');
        END IF;
        key := pg_catalog.replace(pg_catalog.replace(key, '-目', '-'), '-地', '-');
        key := pg_catalog.replace(pg_catalog.replace(key, '-の', '-'), '--', '-');
        RETURN pg_catalog.btrim(key, '-');
        """,
    )


def _tokens() -> None:
    # Two letters that stand side by side, and of what: a number that only this municipality has.
    _function(
        "grams_of(tenant integer, names text, readings text, places text) RETURNS integer[]",
        "tokens integer[] := '{}'; key text; kind bigint := 0;",
        f"""
        FOREACH key IN ARRAY ARRAY[names, readings, places] LOOP
          FOR place IN 1 .. pg_catalog.length(key) - 1 LOOP
            tokens := tokens || (pg_catalog.hashtextextended(
              pg_catalog.substr(key, place, 2) COLLATE "C", tenant::bigint * 4 + kind
            ) & {_HEX})::integer;
          END LOOP;
          kind := kind + 1;
        END LOOP;
        RETURN tokens;
        """,
    )


_ALSO = """
  CASE WHEN alias = '' AND name_latin = '' THEN ''
       ELSE registry.name_key(alias || U&'\\001F' || name_latin) END
"""
_PLACE = "registry.address_key(address)"


def _keys() -> None:
    _generated("residents", "also_search", 'text COLLATE "C"', _ALSO)
    _generated("residents", "address_search", 'text COLLATE "C"', _PLACE)
    _generated(
        "residents",
        "grams",
        "integer[]",
        f"registry.grams_of(tenant_id, name_search || {_ALSO}, kana_search, {_PLACE})",
    )
    # What somebody was called, and where they lived, is looked for on request only.
    _generated(
        "resident_history",
        "grams",
        "integer[]",
        f"registry.grams_of(tenant_id, registry.name_key(name_display) || {_ALSO},"
        f" registry.kana_key(name_kana), {_PLACE})",
    )
    for table in ("residents", "resident_history"):
        op.execute(f"CREATE INDEX {table}_by_grams ON registry.{table} USING gin (grams)")
        # A plan is made once for all municipalities. Half of them are so small that reading all
        # their rows would be as good; for the largest it is not, and the plan is theirs, too.
        op.execute(f"ALTER TABLE registry.{table} ALTER COLUMN tenant_id SET (n_distinct = 1)")
    op.execute("""
        CREATE INDEX residents_protected ON registry.residents (tenant_id, household_id)
        WHERE protection <> '' AND resident_until IS NULL
    """)
    op.execute("""
        UPDATE registry.residents SET kana_search = registry.kana_key(name_kana)
        WHERE kana_search <> registry.kana_key(name_kana)
    """)


def _generated(table: str, column: str, type_: str, expression: str) -> None:
    # It rewrites the table under a lock, which no register that people work with would allow: that
    # one would get the column empty, and its rows batch by batch. There is none yet.
    expression = " ".join(expression.split())
    op.execute(
        "-- squawk-ignore adding-field-with-default\n"
        f"ALTER TABLE registry.{table} ADD COLUMN {column} {type_}"
        f" GENERATED ALWAYS AS ({expression}) STORED NOT NULL"
    )


def _feed() -> None:
    # Which transaction made a row what it is. A superseded row takes it along into the history, so
    # the two tables together are the log of all changes, and nothing is written twice.
    for table, key in (("residents", "id"), ("resident_history", "resident_id, history_number")):
        op.execute(f"""
            ALTER TABLE registry.{table}
            ADD COLUMN changed_tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint
        """)
        op.execute(f"CREATE INDEX {table}_feed ON registry.{table} (tenant_id, changed_tx, {key})")
