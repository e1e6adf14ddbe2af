#!/usr/bin/env bash
# What the action runs: the report in every form a host shows, the marks on the lines, and the summary of the job.
set -uo pipefail
mkdir -p "$OUTPUT"
review() { clausebook --lang "$LANGUAGE_OF_REPORT" review --base "$BASE" --head HEAD "$@"; }

code=0
review --format markdown --fail-on "$FAIL_ON" -o "$OUTPUT/comment.md" || code=$?
if [ ! -s "$OUTPUT/comment.md" ]; then exit 2; fi # there is no report: the base is not here, or Clausebook itself is at fault
for form in html sarif json; do review --format "$form" -o "$OUTPUT/review.$form" || true; done
review --format github || true
head -c 1000000 "$OUTPUT/comment.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$code"
