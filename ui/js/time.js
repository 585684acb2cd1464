// SPDX-License-Identifier: Apache-2.0
// Times in the reader's zone; the exact time in UTC stands behind each.
import { html, useEffect, useState } from "./lib.js";

// By hand, not by Intl: its first use takes as long as all else that stands before the first view.  The page is English, and
// day before month is unmistakable with its name.
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const two = (n) => String(n).padStart(2, "0");
const clock = (d) => `${two(d.getHours())}:${two(d.getMinutes())}`;
const clockSeconds = (d) => `${clock(d)}:${two(d.getSeconds())}`;
const dayYear = (d) => `${shortDay(d)} ${d.getFullYear()}`;

const sameDay = (a, b) => a.toDateString() === b.toDateString();

export const shortDay = (d) => `${d.getDate()} ${MONTHS[d.getMonth()].slice(0, 3)}`;
export const longDay = (d) => `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}`;

export function shortTime(date, now = new Date()) {
	if (sameDay(date, now))
		return clock(date);
	return `${(date.getFullYear() === now.getFullYear() ? shortDay : dayYear)(date)}, ${clock(date)}`;
}

const UNITS = [["day", 86400], ["h", 3600], ["min", 60], ["s", 1]];

// 90000 -> "2 min"; the nearest of one unit is enough to wait by.
export function span(ms) {
	const s = Math.abs(ms) / 1000;
	for (const [name, size] of UNITS)
		if (s >= size || size === 1) {
			const n = Math.round(s / size);
			return name === "day" ? `${n} day${n === 1 ? "" : "s"}` : `${n} ${name}`;
		}
	return "";
}

function fromNow(ms, now = Date.now()) {
	if (Math.abs(ms - now) < 1000)
		return "now";
	return ms > now ? `in ${span(ms - now)}` : `${span(now - ms)} ago`;
}

const FORMS = {
	short: (d) => shortTime(d),
	clock: clockSeconds,
	day: dayYear,
	relative: (d) => fromNow(d.getTime()),
};

export function Time({ at, form = "short" }) {
	const date = new Date(at);
	if (!at || Number.isNaN(date.getTime()))
		return null;
	const utc = date.toISOString().replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
	const exact = form === "relative" ? `${shortTime(date)} (${utc})` : utc;
	return html`<time datetime=${date.toISOString()} title=${exact}>${FORMS[form](date)}</time>`;
}

export const took = (ms) => (ms < 1000 ? `${ms}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`);

// Draws again every so often, where spans of time are shown.
export function useTick(seconds) {
	const [, draw] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => draw((n) => n + 1), seconds * 1000);
		return () => clearInterval(timer);
	}, [seconds]);
}
