"""The kinds of pages a site has, one address of each; what every test of this folder goes through."""

from __future__ import annotations

from pathlib import Path

from clausebook.release import Version, address

ROOT = Path(__file__).parents[2]
LANGS = {"zh": "zh-CN", "en": "en"}


def released(policy: str, root: Path = ROOT) -> list[str]:
    """Return the versions of a policy as they stand in addresses, in their order."""
    found = [Version.parse(file.stem) for file in (root / "policies" / policy / "releases").glob("*.json")]
    return [address(str(version)) for version in sorted(version for version in found if version)]


def draft(policy: str, root: Path = ROOT) -> str:
    """Return where below a language a preview shows the working tree of a policy: once it has releases, in a place of its own."""
    return f"{policy}/draft/" if released(policy, root) else f"{policy}/"


def _versions(policy: str) -> dict[str, str]:
    """Return the kinds of pages that releases make."""
    found = released(policy)
    if not found:
        return {}
    made = {
        "version": f"{found[0]}/",
        "version-bilingual": f"{found[0]}/bilingual/",
        "changes": "changes/",
        "versions": "versions/",
        "since-index": "changes/since/",
        "since": f"changes/since/{found[0]}/",
    }
    if len(found) > 1:
        made["redline"] = f"changes/{found[-2]}..{found[-1]}/"
    return {kind: f"{policy}/{place}" for kind, place in made.items()}


KINDS = {
    "policy": "enterprise-email/",
    "policy-2": "gov-im/",
    "bilingual": "gov-im/bilingual/",
    "lists": "gov-im/lists/",
    "collected": "enterprise-email/lists/collected/",
    "shared": "gov-im/lists/shared/",
    "sensitive": "gov-im/lists/sensitive/",
    **_versions("gov-im"),
    "guide": "guide/",
    "guide-2": "guide/writing-clauses/",
}
# (locale, address) of every kind in both languages; the home page counts as Chinese.
PAGES = {"home": ("zh", ""), **{f"{loc}-{kind}": (loc, f"{loc}/{address}") for kind, address in KINDS.items() for loc in LANGS}}
