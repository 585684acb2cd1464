#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tour of `make run`: three broken set-ups of the lab checked, a text and a bounce mail explained, a mail
# relayed and traced, ten invoices sent.
set -u
postrider=$(realpath "$1")

say() { printf '\n\033[1m%s\033[0m\n\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n\n' "$*"; }

visit() {
	name=$1
	shift
	say "$2"
	"$postrider" lab run "$name" -- "$postrider" check $3 --resolver '{resolver}' --ca-file '{ca}'
}

say "Postrider comes up with a pretend internet on this machine and checks three broken mail set-ups in it."
visit tls-cert-expired x "1. The mail server's certificate ran out" \
	"mail.acme.example:587"
visit auth-basic-disabled x "2. Microsoft 365 refuses the login, and the program says only \"535\"" \
	"smtp.office365.com:587 --user clerk@acme.example --password-file {password}"
visit dp-spf-too-many-lookups x "3. A domain whose mail is doubted everywhere, though every server works" \
	"recipient.example"
explain() {
	say "$1"
	"$postrider" explain "$2"
}
explain "4. No server at hand, only what a program said" \
	"SMTP Error: Could not authenticate. 535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials - gsmtp"
explain "5. The invoice came back: which recipient, and why" "$(dirname "$0")/../tests/fixtures/bounces/tour.eml"
say "6. The relay takes one invoice for two recipients, finds their servers, and keeps sight of each"
"$postrider" lab run healthy-mx -- "$(dirname "$0")/tour-relay.sh" "$postrider" '{resolver}' '{ca}'
say "7. Ten invoices out of a table: seven handed over, one refused, one delayed, one that comes back"
"$postrider" lab run healthy-mx -- "$(dirname "$0")/tour-batch.sh" "$postrider" '{resolver}' '{ca}'
say "Now yours:"
cat <<END
  $1 check you@example.com                       is this address's set-up in order?
  $1 check mail.example.com:587 --user you@example.com
  $1 check example.com                           can this domain send and receive?
  $1 explain "535 5.7.8 ..."                     what does this error mean?
  $1 explain bounce.eml                          or this bounce mail, or this log?
  $1 serve --config postrider.conf               the relay: man postrider-serve
  $1 trace customer@example.com                  what became of my mail?
  $1 send --merge customers.csv --template invoice.eml    a mail for each row: man postrider-send
  $1 lab list                                    more faults to look at
  $1 help                                        everything else
END
say "And all of it in a browser:"
"$(dirname "$0")/tour-page.sh" "$1"
