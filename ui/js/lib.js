// SPDX-License-Identifier: Apache-2.0
// Preact and htm, as the rest of the page uses them; and the place in the address.
import { h, render, Fragment } from "../vendor/preact.mjs";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/hooks.mjs";
import htm from "../vendor/htm.mjs";

export const html = htm.bind(h);
export { render, Fragment, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState };

// "#/messages/ID?state=held" -> {place: "messages", id: "ID", params}
export function placeNow() {
	const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
	const [place, ...rest] = path.split("/");
	let id = rest.join("/");
	try {
		id = decodeURIComponent(id);
	} catch {
		id = ""; // no address of ours
	}
	return { place, id, params: new URLSearchParams(query ?? "") };
}

export function address(place, id = "", params = {}) {
	const query = new URLSearchParams(Object.entries(params).filter(([, v]) => v)).toString();
	return `#/${place}${id ? "/" + encodeURIComponent(id) : ""}${query ? "?" + query : ""}`;
}

export function go(to, { replace = false } = {}) {
	if (replace) {
		history.replaceState(null, "", to);
		dispatchEvent(new HashChangeEvent("hashchange"));
	} else {
		location.hash = to;
	}
}

export const sum = (list) => list.reduce((a, b) => a + b, 0);
export const plural = (n, one, many = one + "s") => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
