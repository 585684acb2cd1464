#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The batch part of the tour, inside the lab's pretend internet:  tour-batch.sh POSTRIDER RESOLVER CA
# Ten invoices out of one table: seven are handed over, one is refused, one is delayed, one comes back later.
set -u
postrider=$1 resolver=$2 ca=$3
relay=
dir=$(mktemp -d)
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null; wait; rm -rf "$dir"' EXIT
cd "$dir" || exit
cat >postrider.conf <<END
hostname = "relay.acme.example"
data = "$dir/data"
listen "127.0.0.1:2525" { security = "none" }
local-domains = { "bounces.acme.example" }
resolver = "$resolver"
ca-file = "$ca"
END
cat >invoice.eml <<'END'
From: Acme accounts <accounts@acme.example>
To: {{name}} <{{email}}>
Subject: Invoice {{number}}

Dear {{name|customer}},

please find our invoice {{number}} over {{amount}} EUR.
END
mkdir pdf
{
	echo 'email,name,number,amount,attachment'
	n=116
	for who in 'anna Anna' 'ben Ben' 'clara Clara' 'david David' 'emma Emma' 'nobody "Miller, Frank"' 'gina Gina' \
		'later Henry' 'ida Ida' 'moved Jack'; do
		n=$((n + 1))
		printf '%%PDF-1.4 invoice 2026-%s' "$n" >"pdf/2026-$n.pdf"
		echo "${who%% *}@recipient.example,${who#* },2026-$n,$n.00,pdf/2026-$n.pdf"
	done
} >customers.csv

"$postrider" serve --config postrider.conf >said 2>&1 &
relay=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	grep -q 'ready on' said && break
	sleep 0.1
done
show() {
	printf '\n$ %s\n\n' "$*"
	shift
	"$postrider" "$@"
}
printf '$ head -3 customers.csv\n\n'
head -3 customers.csv
show postrider send --merge customers.csv --template invoice.eml --wait --timeout 20

# The recipient's server finds that it cannot deliver one of them, and says so.
message_id=$("$postrider" trace moved@recipient.example --json |
	sed -n 's/.*"message_id": *"<\{0,1\}\([^">]*\).*/\1/p' | head -1)
"$postrider" sendmail -C postrider.conf -i -f '<>' accounts@bounces.acme.example <<END
From: Mail Delivery System <MAILER-DAEMON@mx1.recipient.example>
To: accounts@bounces.acme.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

The mail could not be delivered to moved@recipient.example.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.recipient.example

Final-Recipient: rfc822; moved@recipient.example
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 The mailbox is over its quota

--b
Content-Type: text/rfc822-headers

From: accounts@acme.example
To: moved@recipient.example
Message-ID: <$message_id>

--b--
END
sleep 1
printf '\nA bounce mail has come in meanwhile.\n'
show postrider send --results customers.results.csv
printf '\n$ cut -d, -f1-4 customers.results.csv\n\n'
cut -d, -f1-4 customers.results.csv
