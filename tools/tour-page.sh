#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page of the tour:  tour-page.sh POSTRIDER
# A relay and its page inside the lab, some mail that fared differently, and the address for a browser on this
# machine (tour-door.py).
set -u
here=$(cd "$(dirname "$0")" && pwd)
port=8025

if [ "$1" != --inside ]; then
	postrider=$(realpath "$1")
	exec python3 "$here/tour-door.py" open $port \
		"$postrider" lab run office-day -- "$here/tour-page.sh" --inside "$postrider" '{resolver}' '{ca}'
fi

postrider=$2 resolver=$3 ca=$4
dir=$(mktemp -d)
relay='' door=''
trap 'kill $door $relay 2>/dev/null; wait; rm -rf "$dir"' EXIT
trap 'exit 0' INT TERM
cat >"$dir/postrider.conf" <<END
hostname = "relay.acme.example"
data = "$dir/data"
listen "127.0.0.1:2525" { security = "none" }
resolver = "$resolver"
ca-file = "$ca"
http { listen = "127.0.0.1:$port"  open = "operate"  check-allow = { "0.0.0.0/0", "::/0" } }
profile "billing" { host = "mail.acme.example"  port = 587  security = "starttls"  from = "billing@acme.example" }
monitor "office" { target = "mail.acme.example:587"  every = "20s" }
monitor "customer" { target = "recipient.example"  every = "20s" }
END
: >"$dir/said"
"$postrider" serve --config "$dir/postrider.conf" >"$dir/said" 2>&1 &
relay=$!
n=0
until grep -q 'ready on' "$dir/said"; do
	n=$((n + 1))
	[ $n -lt 100 ] && kill -0 $relay 2>/dev/null || { cat "$dir/said" >&2; exit 1; }
	sleep 0.1
done
python3 "$here/tour-door.py" through "$DOOR_FD" $port &
door=$!

letter() {
	subject=$1
	shift
	echo "Please find enclosed: $subject." | "$postrider" send --config "$dir/postrider.conf" -f billing@acme.example \
		--subject "$subject" --text - --via queue --quiet "$@" >/dev/null
}
"$postrider" suppression add old-shop@recipient.example --config "$dir/postrider.conf" --reason "Wants letters instead" --quiet
letter "Statement of November" --to orders@recipient.example --to accounts@recipient.example
letter "Invoice 2026-115" --to clara@recipient.example
letter "Invoice 2026-116" --to full@recipient.example
letter "Reminder for invoice 2026-098" --to info@nowhere.example
letter "Invoice 2026-117" --to clara@recipient.example --to nobody@recipient.example

wait $relay
