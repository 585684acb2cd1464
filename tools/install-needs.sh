#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing of tools/needs.txt.  Use: install-needs.sh [test] [lint] [deb]
set -eu
here=$(dirname "$0")
want=""
while read -r name _; do
	case "$name" in
	'' | '#'*) continue ;;
	*:*) case " $* " in *" ${name%%:*} "*) name=${name#*:} ;; *) continue ;; esac ;;
	esac
	dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' && continue
	# npm comes from Debian, or within a nodejs from elsewhere that bars Debian's.
	[ "$name" = npm ] && command -v npm >/dev/null && continue
	want="$want $name"
done <"$here/needs.txt"
[ -n "$want" ] || exit 0
echo "Installing:$want"
sudo=""
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "Run this as root, or install:$want" >&2; exit 3; }
	sudo=sudo
fi
# Servers are started by the tests themselves, never by their packages.
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
if [ ! -e /usr/sbin/policy-rc.d ] && [ -z "$sudo" ]; then
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod +x /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $want >/dev/null
