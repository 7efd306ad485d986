#!/bin/sh
# What a CI job does around a scan: publish, let the host's monitors see it, wait, and break on what is not right.
# Needs SCANTOP (the command), BUILD (an address), and UPLOAD (ThreadFix's upload URL with its key), each may be empty.
set -eu

if [ -n "${BUILD:-}" ]; then
    $SCANTOP watch add "$BUILD" --label "pipeline" --expire 7d
    $SCANTOP wait "$BUILD" --timeout "${LIMIT:-5m}" --grace "${GRACE:-1m}" --annotate github
    echo "the build is right"
fi
if [ -n "${UPLOAD:-}" ]; then
    curl --silent --show-error --fail -H "Authorization: APIKEY $KEY" -F "file=@$FILE" "$UPLOAD" >answer.json
    $SCANTOP watch add - --label "upload" <answer.json
    $SCANTOP wait - --timeout "${LIMIT:-5m}" --fail-fast --json <answer.json >events.jsonl
    echo "the upload is right"
fi
