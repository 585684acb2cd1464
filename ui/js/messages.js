// SPDX-License-Identifier: Apache-2.0
// The mails: what needs somebody stands on top, and a search that answers while it is typed.
import { html, address, go, placeNow, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./lib.js";
import { Icon } from "./icons.js";
import { Choices, Empty, Head, State, Trouble, Waiting } from "./parts.js";
import { useNews } from "./news.js";
import { search } from "./search.js";
import { Time } from "./time.js";
import { LIVE, TROUBLE, destination, stateOf } from "./words.js";

const PAGE = 50, ATTENTION = 6, ATTENTION_SINCE = "7d", TYPING_MS = 90, NEAR_TOP = 200;

const FILTERS = { "": [], trouble: TROUBLE, waiting: LIVE, over: ["handed-over", "confirmed"] };
const FILTER_WORDS = [["", "All"], ["trouble", "Needs attention"], ["waiting", "Waiting"], ["over", "Handed over"]];

const keyOf = (m) => `${m.id}/${m.rcpt ?? 0}`;

function Reason({ hit }) {
	const text = hit.title || hit.reply || stateOf(hit.state).tells;
	if (!TROUBLE.includes(hit.state))
		return null;
	return html`<span class=${`hit-why ${stateOf(hit.state).tone}`}>${text}</span>`;
}

function Hit({ hit }) {
	return html`<li class="hit"><a href=${address("messages", hit.id, hit.rcpt ? { rcpt: String(hit.rcpt) } : {})}>
		<span class="hit-state"><${State} name=${hit.state} /></span>
		<span class="hit-main">
			<span class="hit-subject">${hit.subject || "(no subject)"}</span>
			<span class="hit-to">to ${hit.recipient}${hit.sender ? ` from ${hit.sender}` : ", a report of ours to the sender"}</span>
			<${Reason} hit=${hit} />
		</span>
		<span class="hit-time"><${Time} at=${hit.arrived} /></span>
	</a></li>`;
}

const Hits = ({ hits, label }) => html`<ul class="panel hits" aria-label=${label}>
	${hits.map((m) => html`<${Hit} key=${keyOf(m)} hit=${m} />`)}</ul>`;

// A page of answers, and the next ones as the reader comes near the end.
function useSearch(q, lane, filter) {
	const [state, set] = useState({ hits: null, over: true, problem: null, answers: "" });
	const run = useRef({});
	const ask = useCallback(async (fresh) => {
		if (!fresh && run.current.busy)
			return;
		run.current.stop?.abort();
		const mine = { stop: new AbortController(), busy: true, found: fresh ? search({ q, lane }, FILTERS[filter]) : run.current.found };
		mine.hits = fresh ? [] : run.current.hits;
		run.current = mine;
		try {
			const rows = await mine.found.pull(PAGE, mine.stop.signal);
			mine.hits = [...mine.hits, ...rows];
			set({ hits: mine.hits, over: mine.found.over, problem: null, answers: q });
		} catch (problem) {
			if (problem.name !== "AbortError")
				set((s) => ({ ...s, hits: s.hits ?? [], problem }));
		}
		mine.busy = false;
	}, [q, lane, filter]);
	useLayoutEffect(() => { // not after the next frame, as an effect would
		ask(true);
		return () => run.current.stop?.abort();
	}, [ask]);
	// At the top of the list it is kept fresh; who has scrolled on is left in peace.
	useNews(useCallback(() => scrollY < NEAR_TOP && ask(true), [ask]));
	const more = useCallback(() => ask(false), [ask]);
	return { ...state, more, again: () => ask(true) };
}

function useAttention(wanted) {
	const [hits, set] = useState([]);
	const ask = useCallback(() => wanted && search({ since: ATTENTION_SINCE }, TROUBLE).pull(ATTENTION + 1).then(set, () => {}), [wanted]);
	useLayoutEffect(() => {
		ask();
	}, [ask]);
	useNews(ask);
	return wanted ? hits : [];
}

function More({ over, more }) {
	const end = useRef();
	useEffect(() => {
		if (over)
			return;
		const seen = new IntersectionObserver(([e]) => e.isIntersecting && more(), { rootMargin: "600px" });
		seen.observe(end.current);
		return () => seen.disconnect();
	}, [over, more]);
	return html`<div class="more" ref=${end}>${!over && html`<button type="button" class="button" onClick=${more}>Show more</button>`}</div>`;
}

function NothingYet() {
	return html`<${Empty} icon="mail" title="No mail has come through yet">
		<p>Let your program send to this relay by SMTP, or send one by hand: <code>postrider send --via queue</code>. Each mail
		appears here with all that became of it.</p><//>`;
}

function NothingFound({ q, clear }) {
	return html`<${Empty} icon="search" title="Nothing found">
		<p>${q ? html`No mail fits <strong class="break">${q}</strong>. ` : "No mail is in this state. "}
		Search by an address or the beginning of one, <code>@domain</code>, words of the subject, a Message-ID, our id, or the id the next server gave.</p>
		<div class="buttons"><button type="button" class="button" onClick=${clear}>Show all mail</button></div><//>`;
}

function SearchBox({ q, onInput }) {
	const box = useRef();
	useEffect(() => {
		const slash = (e) => {
			if (e.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName)) {
				e.preventDefault();
				box.current.focus();
			}
		};
		addEventListener("keydown", slash);
		return () => removeEventListener("keydown", slash);
	}, []);
	return html`<div class="search" role="search">
		<${Icon} name="search" />
		<input ref=${box} class="input large" type="search" aria-label="Search mail" placeholder="Address, subject, or id" value=${q}
			autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="300" onInput=${(e) => onInput(e.target.value)} />
		<kbd aria-hidden="true">/</kbd>
	</div>`;
}

// Not so when a mail or another place has just been opened: the address says it before the page hears of it.
function isStillHere() {
	const { place, id } = placeNow();
	return ["", "messages"].includes(place) && !id;
}

export function Messages({ at }) {
	const filter = FILTERS[at.params.get("show")] === undefined ? "" : at.params.get("show") ?? "";
	const [typed, setTyped] = useState(at.params.get("q") ?? "");
	const [q, setQ] = useState(typed.trim());
	const lane = at.params.get("lane") ?? "";
	useEffect(() => {
		const timer = setTimeout(() => setQ(typed.trim()), TYPING_MS);
		return () => clearTimeout(timer);
	}, [typed]);
	useEffect(() => { // a link or the way back asked for something else
		const asked = at.params.get("q") ?? "";
		if (asked !== q) {
			setTyped(asked);
			setQ(asked);
		}
	}, [at]);
	useEffect(() => {
		const to = address("messages", "", { q, lane, show: filter });
		if (isStillHere() && location.hash !== to && (location.hash || q)) // a bare address stays bare
			history.replaceState(null, "", to);
	}, [q]);
	const { hits, over, problem, answers, more, again } = useSearch(q, lane, filter);
	const start = !q && !filter && !lane;
	const attention = useAttention(start);
	const show = (to) => go(address("messages", "", { q, lane, show: to }), { replace: true });
	const clear = () => go(address("messages"), { replace: true });
	const said = useMemo(() => (hits ? `${hits.length}${over ? "" : " or more"} found` : ""), [hits, over]);

	return html`<${Head} title="Messages" tells="What became of each mail, to each recipient." />
		<div class="tools"><${SearchBox} q=${typed} onInput=${setTyped} />
			<${Choices} name="show" label="Which mail" value=${filter} options=${FILTER_WORDS} onChange=${show} />
			${lane && html`<p class="row"><span>At <strong>${destination(lane).name}</strong></span>
				<button type="button" class="button little" onClick=${clear}>Everywhere</button></p>`}</div>
		<p class="away" role="status" data-answers=${answers}>${q || filter ? said : ""}</p>
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${attention.length > 0 && html`<section class="attention">
			<div class="section-head"><h2>Needs attention</h2>
				${attention.length > ATTENTION && html`<a href=${address("messages", "", { show: "trouble" })}>Show all</a>`}</div>
			<${Hits} hits=${attention.slice(0, ATTENTION)} label="Mail that needs attention" /></section>`}
		${hits === null && html`<${Waiting} what="mail" />`}
		${hits?.length > 0 && html`<section>
			${start && html`<div class="section-head"><h2>All mail</h2></div>`}
			<${Hits} hits=${hits} label="Mail" /><${More} over=${over} more=${more} /></section>`}
		${hits?.length === 0 && !problem && html`<div class="panel">
			${start ? html`<${NothingYet} />` : html`<${NothingFound} q=${q} clear=${clear} />`}</div>`}`;
}
