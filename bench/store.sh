#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The store at the size of a large sender: bench/store.sh BENCH_STORE [RECIPIENTS_TO_SEARCH] [FOLDER]
# Needs about 1 GB of disk a million recipients, and about 20 s a million.
set -eu
program=$(realpath "$1")
many=${2:-10000000}
dir=${3:-$(mktemp -d /var/tmp/bench-store.XXXXXX)}
[ $# -ge 3 ] || trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir"
status=0
"$program" claims "$dir/claims" || status=1
"$program" start "$dir/claims-1000000" || status=1
rm -rf "$dir"/claims-*
"$program" fill "$dir/killed" 1000000 killed
echo "the same after its owner was killed:"
"$program" start "$dir/killed" || status=1
rm -rf "$dir/killed"
[ -d "$dir/many" ] || "$program" fill "$dir/many" "$many" ended
"$program" find "$dir/many" "$many" || status=1
"$program" find "$dir/many" "$many" drop || status=1
exit $status
