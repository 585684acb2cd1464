#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The relay part of the tour, inside the lab's pretend internet:  tour-relay.sh POSTRIDER RESOLVER CA
# Hands one invoice for two recipients to a relay and shows what became of each.
set -u
postrider=$1 resolver=$2 ca=$3
dir=$(mktemp -d)
trap 'kill "$relay" 2>/dev/null; wait; rm -rf "$dir"' EXIT
cat >"$dir/postrider.conf" <<END
hostname = "relay.acme.example"
data = "$dir/data"
listen "127.0.0.1:2525" { security = "none" }
resolver = "$resolver"
ca-file = "$ca"
END
"$postrider" serve --config "$dir/postrider.conf" >"$dir/said" 2>&1 &
relay=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q 'ready on' "$dir/said" && break
	sleep 0.1
done
cat "$dir/said"
echo "Please find our invoice 2026-117 for November." |
	"$postrider" send --config "$dir/postrider.conf" -f clerk@acme.example --to clara@recipient.example \
		--to nobody@recipient.example --subject "Invoice 2026-117" --text - --via queue || exit
sleep 1
printf '\n$ postrider trace clara@recipient.example\n\n'
"$postrider" trace --config "$dir/postrider.conf" clara@recipient.example
printf '\n$ postrider trace nobody@recipient.example\n\n'
"$postrider" trace --config "$dir/postrider.conf" nobody@recipient.example
