// SPDX-License-Identifier: Apache-2.0
// Something has changed at the relay: what is shown is asked for again, at most once in PAUSE_MS, and the reader stays where
// he is in it.
import { useEffect } from "./lib.js";
import { watchNews } from "./api.js";
import { useSamePlace } from "./place.js";

const PAUSE_MS = 500; // longer than the search lags behind

export function useNews(act) {
	useSamePlace();
	useEffect(() => {
		let stop = null, timer = 0;
		const news = () => {
			timer ||= setTimeout(() => {
				timer = 0;
				act();
			}, PAUSE_MS);
		};
		// A browser has few connections for one server, all windows together: one that nobody looks at has none.
		const look = () => {
			stop?.();
			stop = document.hidden ? null : watchNews({ state: news, gap: news });
			if (!document.hidden)
				news();
		};
		stop = document.hidden ? null : watchNews({ state: news, gap: news });
		document.addEventListener("visibilitychange", look);
		return () => {
			document.removeEventListener("visibilitychange", look);
			clearTimeout(timer);
			stop?.();
		};
	}, [act]);
}
