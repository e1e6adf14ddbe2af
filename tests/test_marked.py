"""Documents compared clause by clause."""

from __future__ import annotations

from clausebook import blocks, marked, redline
from clausebook.marked import Passage


def passage(id_: str, text: str, title: str = "") -> Passage:
    return Passage(id_, title or id_, blocks.parse(text, "han"))


def test_documents_are_compared_by_clause() -> None:
    old = [passage("a", "甲。"), passage("b", "乙，三个月。"), passage("c", "丙。"), passage("d", "丁。")]
    new = [passage("d", "丁。"), passage("a", "甲。"), passage("b", "乙，六个月。"), passage("e", "戊。", "新条")]
    found = marked.documents(old, new, "zh")
    assert [(m.id, m.status, m.moved) for m in found] == [
        ("d", "same", True), ("a", "same", False), ("b", "changed", False), ("c", "removed", False), ("e", "added", False),
    ]  # fmt: skip
    assert [redline.to_text(m.lines) for m in found] == ["", "", "乙，[-三个月-]{+六个月+}。", "[-丙。-]", "{+戊。+}"]


def test_a_new_title_is_a_change() -> None:
    (found,) = marked.documents([passage("a", "甲。", "短信服务")], [passage("a", "甲。", "短信功能")], "zh")
    assert (found.status, [p.op for p in found.title]) == ("changed", ["same", "del", "ins"])
