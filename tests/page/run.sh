#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page's tests in Chromium (Playwright 1.60: the last for the Node 18 of Debian 12):  tests/page/run.sh PROGRAM [PATTERN...] [--verbose]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
shift
# What npm put there last time is taken again while the lock file is the same.
if ! cmp -s "$here/package-lock.json" "$here/node_modules/.lock"; then
	(cd "$here" && npm ci --silent --no-audit --no-fund --ignore-scripts >&2)
	cp "$here/package-lock.json" "$here/node_modules/.lock"
fi
exec "$program" lab run office-day -- node "$here/run.mjs" "$program" '{resolver}' '{ca}' "$@"
