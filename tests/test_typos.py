"""What an edit touches that is never taken for a typo. A case is old text, new text and the kinds."""

from __future__ import annotations

import pytest

from clausebook import blocks, redline, typos

ZH = [
    ("保存三个月。", "保存六个月。", "digit"),
    ("保存 3 天。", "保存３天。", ""),
    ("在 15 个工作日内答复。", "在 15 个自然日内答复。", "unit"),
    ("自2026年3月1日起生效。", "自2026年3月2日起生效。", "date"),
    ("我们收集您的信息。", "我们不收集您的信息。", "negation"),
    ("未经同意，我们不提供。", "经同意，我们不提供。", "negation"),
    ("不收集位置，收集姓名。", "收集位置，不收集姓名。", "negation"),
    ("法律另有规定的除外。", "法律另有规定的也是。", "negation"),
    ("非法获取的信息。", "合法获取的信息。", "negation"),
    ("您可以关闭该功能。", "您应当关闭该功能。", "modality"),
    ("我们须取得同意。", "我们取得同意。", "modality"),
    ("删除或者匿名化处理。", "删除以及匿名化处理。", "conjunction"),
    ("删除并匿名化处理。", "删除或匿名化处理。", "conjunction"),
    ("十四周岁以下的儿童。", "不满十四周岁的儿童。", "bound"),
    ("保存超过一年的信息。", "保存不超过一年的信息。", "bound"),
    ("三十日内答复您。", "三十日后答复您。", "bound"),
    ("姓名、电话等信息。", "姓名、电话信息。", "open-list"),
    ("包括但不限于姓名、电话。", "即姓名、电话。", "open-list"),
    ("依照《网络安全法》处理。", "依照《数据安全法》处理。", "name"),
    ("由云信公司负责运营。", "由云通公司负责运营。", "name"),
    ("写信至 a@b.example 联系。", "写信至 c@b.example 联系。", "email"),
    ("致电 400-123-4567 联系。", "致电 400-123-4568 联系。", "phone"),
    ("见 https://a.example/x 一页。", "见 https://b.example/x 一页。", "url-host"),
    ("见 https://a.example/x 一页。", "见 https://a.example/y 一页。", ""),
    ("采用 SM2 算法加密。", "采用 SM4 算法加密。", "digit"),
    ("我们会帐号保护。", "我们会账号保护。", ""),
    ("您的姓名，电话。", "您的姓名、电话。", ""),
    ("请删除应用。", "请清除应用。", ""),
    ("第一句在此处。不得转让。", "不得转让。第一句在此处。", ""),
]
EN = [
    ("We keep it for 30 days.", "We keep it for 60 days.", "digit"),
    ("Kept for 15 working days.", "Kept for 15 calendar days.", "unit"),
    ("From 1 March 2026 on.", "From 2 March 2026 on.", "date"),
    ("We share it.", "We never share it.", "negation"),
    ("We share it with consent.", "We share it without consent.", "negation"),
    ("We don't share it.", "We do share it.", "negation"),
    ("You may ask us.", "You must ask us.", "modality"),
    ("We will tell you.", "We tell you.", "modality"),
    ("Your name and phone.", "Your name or phone.", "conjunction"),
    ("Kept at least a year.", "Kept up to a year.", "bound"),
    ("Children aged 14 or under.", "Children aged under 14.", "bound"),
    ("Details such as your name.", "Details: your name.", "open-list"),
    ("Run by Yunxin Ltd here.", "Run by Yuntong Ltd here.", "name"),
    ("We organise the data.", "We organize the data.", ""),
    ("Names, phones.", "Names; phones.", ""),
]
NAMES = {"云信公司", "云通公司", "Yunxin Ltd", "Yuntong Ltd"}
CASES = [("zh", *case) for case in ZH] + [("en", *case) for case in EN]


@pytest.mark.parametrize(("locale", "old", "new", "kinds"), CASES)
def test_an_edit_touches(locale: str, old: str, new: str, kinds: str) -> None:
    expected = tuple(kinds.split())
    assert typos.touched_text(old, new, locale, NAMES) == expected
    assert typos.touched_text(new, old, locale, NAMES) == expected


def test_every_kind_is_touched_by_a_case() -> None:
    assert {kind for *_, kinds in CASES for kind in kinds.split()} == set(typos.KINDS) - {"emphasis"}


LOOKS = [
    ("我们收集人脸特征。", "我们收集**人脸特征**。", "emphasis"),
    ("我们**收集**人脸特征。", "我们*收集*人脸特征。", "emphasis"),
    ("见[规则](https://a.example/)。", "见[规则](https://b.example/)。", "url-host"),
    ("见[规则](https://a.example/1)。", "见[规则](https://a.example/2)。", ""),
    ("请[写信](mailto:a@b.example)。", "请[写信](mailto:c@b.example)。", "email"),
    ("请[致电](tel:+8610)。", "请[致电](tel:+8620)。", "phone"),
]


@pytest.mark.parametrize(("old", "new", "kinds"), LOOKS)
def test_a_change_of_look_touches(old: str, new: str, kinds: str) -> None:
    lines = redline.compare(blocks.parse(old, "han"), blocks.parse(new, "han"), "zh")
    assert typos.touched(lines, "zh") == tuple(kinds.split())


def test_a_locale_without_words_of_its_own_still_knows_what_all_share() -> None:
    assert typos.touched_text("Conservé 30 jours ici.", "Conservé 60 jours ici.", "fr") == ("digit",)


@pytest.mark.parametrize(
    ("old", "new", "only"),
    [
        ("姓名，电话。", "姓名、电话。", True),
        ("姓名 电话", "姓名电话", True),
        ("ＩＰ地址", "IP地址", True),
        ("姓名。", "姓名。", False),
        ("帐号。", "账号。", False),
        ("占比 3.5%。", "占比 35%。", False),
        ("a@b.example", "ab.example", False),
    ],
)
def test_punctuation_only(old: str, new: str, only: bool) -> None:
    assert typos.is_punctuation_only(old, new, "zh") is only
