#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package: tools/deb.sh FOLDER puts it there.  Builds what is committed; what it needs is in tools/needs.txt.
set -eu
cd "$(dirname "$0")/.."
out=$(mkdir -p "$1" && cd "$1" && pwd)
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/postrider"
git archive HEAD | tar -x -C "$work/postrider"
cd "$work/postrider"
cp -r packaging/debian debian
needs=$(grep -vE '^(#|$|[a-z]+:|build-essential)' tools/needs.txt | awk '{print $1}' | paste -sd, | sed 's/,/, /g')
sed -i "s/@NEEDS@/$needs/" debian/control
printf 'postrider (%s) unstable; urgency=medium\n\n  * As of this build.\n\n -- Postrider developers <postrider@localhost>  %s\n' \
	"$version" "$(git -C "$OLDPWD" log -1 --format=%cD 2>/dev/null || date -R)" > debian/changelog
dpkg-buildpackage -b -uc -us
mv "$work"/*.deb "$out"
ls -l "$out"/*.deb
