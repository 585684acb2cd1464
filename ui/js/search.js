// SPDX-License-Identifier: Apache-2.0
// A search's answers, a page at a time, newest first.
import * as api from "./api.js";

const ROUNDS = 20; // an answer may be empty and still have a cursor; so often it is asked on

// query: {q, lane, since}.  states: [] for all of them.  pull(n, signal) gives about n more; `over` says that there are no more.
export function search(query, states) {
	let cursor = "", over = false;
	return {
		get over() {
			return over;
		},
		async pull(n, signal) {
			const got = [];
			for (let round = 0; got.length < n && !over && round < ROUNDS; round++) {
				const page = await api.messages({ ...query, state: states.join(","), limit: n - got.length, cursor }, signal);
				got.push(...page.messages);
				cursor = page.cursor ?? "";
				over = !cursor;
			}
			return got;
		},
	};
}
