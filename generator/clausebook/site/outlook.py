"""What the next release of a draft would say, for the preview."""

from __future__ import annotations

import datetime
from pathlib import Path

from clausebook import freeze
from clausebook.project import Project
from clausebook.site.model import Outlook, Told


def of(opened: Project, root: Path, day: datetime.date) -> dict[str, Outlook]:
    """Return the outlook of every policy that has a release, as if the next one were published on a day."""
    released = [policy for policy in opened.documents if opened.ledgers[policy].releases]
    plans = {policy: freeze.expected(opened, root, policy, freeze.Wish(day), day) for policy in released}
    return {policy: Outlook(Told(p.verdict, p.report.changes), p.version, p.earliest) for policy, p in plans.items() if p.report}
