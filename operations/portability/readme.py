"""What lies in every archive for whoever opens it in twenty years without us."""

from typing import Final

README: Final = """\
この自治体のすべてのデータ / Everything of one municipality
============================================================

manifest.json    何のデータか、いつの時点か、各ファイルの SHA-256、表の版、人数・世帯・金額の合計
keys.json        封印された欄の鍵。自治体の合言葉(scrypt + AES-256-GCM)で閉じてあります
tables/          1 表 1 ファイル。1 行が 1 件の JSON(UTF-8)。日時は ISO 8601、金額は円の整数
companions/      許可した事業者など、自治体の行が指し示す共通の行
audit/           監査証跡の封印。manifest の audit_verifier と合わせて検証できます

「…_sealed」の欄は封印されたままです。氏名・住所などほかの欄は平文です。
このフォルダ全体を個人情報として保管してください。

Each line of a table is one JSON object (RFC 8259, UTF-8). Columns named ..._sealed hold
"\\\\x" and hexadecimal digits: version (1 byte), key number (4), nonce (12), AES-256-GCM-SIV
ciphertext and tag; see docs/formats/tenant-export.md. Names and ordinary addresses are plain:
keep the whole of this as personal data. Check it with: tamaire tenants verify <this>
"""
