"""Print how many findings the comparison of languages has in the repository's own texts, and how many seeded faults it finds."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from clausebook import load, parity, project, resources  # noqa: E402
from clausebook.tree import Folder  # noqa: E402
from tests import mutations  # noqa: E402


def main() -> int:
    """Print both figures; return 1 when a text has a finding or a fault is not found."""
    opened = project.open(ROOT).sound()
    checks, _ = load.checks(Folder(resources.PACKAGE), "checks")
    clean = sum(len(parity.check(document, checks, opened.library)) for document in opened.documents.values())
    rows = mutations.report(opened.documents, opened.library, lambda m: bool(parity.check(m.document, checks, m.library)))
    print(f"findings in {len(opened.documents)} policies as they are: {clean}\nfaults found / seeded (seed {mutations.SEED}):")
    print(mutations.table(rows))
    return int(bool(clean) or any(row[3] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
