"""How names and addresses are compared: by what people mean, not by which glyph a form had.

Nothing here is stored as somebody's name. It makes the keys that are searched and compared, so a
person written 髙﨑 in the register is found by 高崎, and 1丁目2番3号 equals 1-2-3.
"""

import re
import unicodedata

# Variation selectors choose a glyph of the same character (Unicode IVD, SVS).
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile(r"\s+")
# Forms that family registers keep apart and people write interchangeably: pairs of 戸籍統一文字
# that resident offices meet daily. A name outside this table is compared as written.
VARIANTS = str.maketrans(
    {
        "髙": "高", "﨑": "崎", "嵜": "崎", "碕": "崎", "𠮷": "吉", "邊": "辺", "邉": "辺",
        "齋": "斉", "齊": "斉", "斎": "斉", "濵": "浜", "濱": "浜", "澤": "沢", "櫻": "桜",
        "廣": "広", "國": "国", "眞": "真", "德": "徳", "惠": "恵", "榮": "栄", "龍": "竜",
        "瀨": "瀬", "嶋": "島", "嶌": "島", "冨": "富", "桒": "桑", "栁": "柳", "槇": "槙",
        "遙": "遥", "萬": "万", "壽": "寿", "圓": "円", "關": "関", "黑": "黒", "藏": "蔵",
        "顯": "顕", "彌": "弥", "豐": "豊", "實": "実", "淸": "清", "曻": "昇", "渕": "淵",
        "舘": "館", "礒": "磯", "芦": "蘆", "桧": "檜", "鷗": "鴎", "籠": "篭",
    }
)  # fmt: skip
_SUBSTITUTES = frozenset("〓■□●◆★*?\ufffd")
_LARGE_KANA = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_DASHES = re.compile("[‐‑‒–—―−ー－ｰ﹣⁻-]")
_LONG_VOWELS = tuple(
    (vowel, re.compile(f"([{row}])ー"))
    for vowel, row in (
        ("ア", "アカサタナハマヤラワガザダバパ"),
        ("イ", "イキシチニヒミリギジヂビピエケセテネヘメレゲゼデベペ"),
        ("ウ", "ウクスツヌフムユルグズヅブプヴコソトノホモヨロゴゾドボポ"),
        ("オ", "オ"),
    )
)
_KANJI_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CHOME = re.compile("([一二三四五六七八九]?十?[一二三四五六七八九]?)(?=丁目)")
_PARTS = re.compile("(丁目|番地の|番地|番|号|の(?=[0-9]))")


def is_substitute(character: str) -> bool:
    """Tell whether a character stands for one that could not be written.

    The geta and the blocks that forms print, the replacement character, a question mark, and the
    private use areas, where each town keeps its own 外字 and no two mean the same.
    """
    return character in _SUBSTITUTES or unicodedata.category(character) == "Co"


def search_name(text: str) -> str:
    """Return the key under which a name is found: folded variants, no selectors, no spaces."""
    plain = _SPACES.sub("", _SELECTORS.sub("", unicodedata.normalize("NFKC", text)))
    # Taking a space away can bring a letter and its accent together, so the end is composed again.
    return unicodedata.normalize("NFKC", plain.translate(VARIANTS).casefold())


def search_kana(text: str) -> str:
    """Return the key under which a reading is found: large katakana of full width, no spaces.

    A long vowel is spelled out, as registers do it: ユーコ and ユウコ are one, ケーコ and ケイコ.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_HIRAGANA)
    plain = _DASHES.sub("ー", _SPACES.sub("", _SELECTORS.sub("", plain)).translate(_LARGE_KANA))
    for vowel, long_vowel in _LONG_VOWELS:
        plain = long_vowel.sub(rf"\1{vowel}", plain)
    return plain


def normal_address(text: str) -> str:
    """Return an address as it is compared: 一丁目2番地3号 and １－２－３ become 1-2-3."""
    plain = _SPACES.sub("", _SELECTORS.sub("", unicodedata.normalize("NFKC", text)))
    plain = _CHOME.sub(lambda found: _number(found.group()), plain).translate(VARIANTS)
    plain = _PARTS.sub("-", _DASHES.sub("-", plain)).replace("ケ", "ヶ").replace("が", "ヶ")
    return re.sub("-+", "-", plain).strip("-")


def _number(kanji: str) -> str:
    if not kanji:
        return ""
    tens, ten, units = kanji.rpartition("十")
    value = _KANJI_DIGITS.get(units, 0)
    if ten:
        value += 10 * _KANJI_DIGITS.get(tens, 1)
    return str(value)
