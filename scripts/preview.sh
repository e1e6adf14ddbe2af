#!/usr/bin/env bash
# Build the site a pull request would make: its clauses and policies as data; settings, templates, hooks and pages are those of the base.
set -euo pipefail
head=$(git rev-parse --verify "HEAD^{commit}")
below=$(git rev-parse --show-prefix)
git -c core.hooksPath=/dev/null worktree add --quiet --detach "$WORK" "$BASE"
cd "$WORK/$below"
if [ -n "$REQUIREMENTS" ]; then python -m pip install --quiet -r "$REQUIREMENTS"; fi
CLAUSEBOOK_AT=$head mkdocs build --quiet --site-dir "$OUTPUT"
