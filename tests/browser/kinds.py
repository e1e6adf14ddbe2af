"""The kinds of pages a site has, one address of each; what every test of this folder goes through."""

from __future__ import annotations

KINDS = {
    "policy": "enterprise-email/",
    "policy-2": "gov-im/",
    "bilingual": "gov-im/bilingual/",
    "lists": "gov-im/lists/",
    "collected": "enterprise-email/lists/collected/",
    "shared": "gov-im/lists/shared/",
    "sensitive": "gov-im/lists/sensitive/",
    "guide": "guide/",
    "guide-2": "guide/writing-clauses/",
}
LANGS = {"zh": "zh-CN", "en": "en"}
# (locale, address) of every kind in both languages; the home page counts as Chinese.
PAGES = {"home": ("zh", ""), **{f"{loc}-{kind}": (loc, f"{loc}/{address}") for kind, address in KINDS.items() for loc in LANGS}}
