// SPDX-License-Identifier: Apache-2.0
// Answers of several searches, one for each state, as one list: newest first, a page at a time.
// The API searches one state at a time, each by its index; here they are merged.
import * as api from "./api.js";

const ROUNDS = 20; // an answer may be empty and still have a cursor; so often it is asked on

// As the relay orders them: the newest message first, its recipients in order.
function newer(a, b) {
	if (a.arrived !== b.arrived)
		return a.arrived > b.arrived;
	return a.id === b.id ? a.rcpt < b.rcpt : a.id > b.id;
}

// query: {q, lane, since}.  states: [] for all of them.  pull(n, signal) gives up to n more; `over` says that there are no more.
export function search(query, states) {
	const streams = (states.length ? states : [""]).map((state) => ({ state, cursor: "", over: false, rows: [] }));

	async function fill(stream, n, signal) {
		for (let round = 0; !stream.rows.length && !stream.over && round < ROUNDS; round++) {
			const page = await api.messages({ ...query, state: stream.state, limit: n, cursor: stream.cursor }, signal);
			stream.rows = page.messages;
			stream.cursor = page.cursor ?? "";
			stream.over = !stream.cursor;
		}
	}

	return {
		get over() {
			return streams.every((s) => s.over && !s.rows.length);
		},
		async pull(n, signal) {
			const got = [];
			while (got.length < n) {
				await Promise.all(streams.map((s) => fill(s, n, signal)));
				const full = streams.filter((s) => s.rows.length);
				if (!full.length)
					break;
				// Taken as long as no stream runs dry: its next row might be newer.
				let first;
				do {
					first = full.reduce((a, b) => (newer(b.rows[0], a.rows[0]) ? b : a));
					got.push(first.rows.shift());
				} while (first.rows.length && got.length < n);
			}
			return got;
		},
	};
}
