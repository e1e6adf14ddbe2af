#!/usr/bin/env bash
# What the action runs: the report in every form a host shows, the marks on the lines, and the summary of the job.
set -uo pipefail
mkdir -p "$OUTPUT"
comment=$OUTPUT/comment.md
rm -f "$comment"

heard=()
if [ -f "${REVIEWS:-}" ]; then heard=(--reviews "$REVIEWS"); fi

code=0
clausebook --lang "$LANGUAGE_OF_REPORT" review --base "$BASE" --head HEAD --fail-on "$FAIL_ON" --format github "${heard[@]}" \
    --write "markdown=$comment" --write "html=$OUTPUT/review.html" --write "sarif=$OUTPUT/review.sarif" --write "json=$OUTPUT/review.json" ||
    code=$?
if [ ! -s "$comment" ]; then exit 2; fi # there is no report: the base is not here, or Clausebook itself is at fault
head -c 1000000 "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$code"
