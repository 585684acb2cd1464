// SPDX-License-Identifier: Apache-2.0
// Addresses that get no mail: why, until when; put there or taken off by an operator.
import { html, plural, useCallback, useEffect, useState } from "./lib.js";
import * as api from "./api.js";
import { Back, Dialog, Empty, Head, Trouble, Waiting, toast } from "./parts.js";
import { Icon } from "./icons.js";
import { Time } from "./time.js";

const PAGE = 100, TYPING_MS = 120;

function Entry({ entry, mayAct, lift }) {
	return html`<li class="stopped">
		<div class="grow"><h2 class="break">${entry.address}</h2>
			<p>${entry.says}</p>
			${entry.proof && html`<p class="small dim break">${entry.proof}</p>`}</div>
		<dl class="lane-facts small">
			<div><dt>Since</dt><dd><${Time} at=${entry.since} /></dd></div>
			<div><dt>Until</dt><dd>${entry.until ? html`<${Time} at=${entry.until} />` : "it is removed"}</dd></div>
		</dl>
		${mayAct && html`<button type="button" class="button little" aria-label=${`Remove: ${entry.address}`} onClick=${() => lift(entry)}>Remove</button>`}
	</li>`;
}

// Asks, says the effect first, tells what went wrong.
function Ask({ title, word, danger = false, onClose, act, children }) {
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState(null);
	const run = async (event) => {
		event.preventDefault();
		setBusy(true);
		setProblem(null);
		try {
			await act(new FormData(event.target));
			onClose(true);
		} catch (error) {
			setProblem(error);
			setBusy(false);
		}
	};
	return html`<${Dialog} title=${title} onClose=${() => onClose(false)}><form class="stack" onSubmit=${run}>
		${children}
		${problem && html`<${Trouble} problem=${problem} />`}
		<div class="buttons"><button type="button" class="button" onClick=${() => onClose(false)}>Leave it as it is</button>
			<button class=${`button ${danger ? "danger" : "first"}`} disabled=${busy}>${word}</button></div>
	</form><//>`;
}

function Add({ onClose }) {
	const act = async (form) => {
		const until = form.get("until");
		const said = await api.stopMail({ address: form.get("address").trim(), reason: form.get("reason"),
			until: until ? new Date(`${until}T23:59:59`).toISOString() : "" });
		toast(`No more mail to ${said.address}.`);
	};
	return html`<${Ask} title="No more mail to an address" word="Stop mail to it" onClose=${onClose} act=${act}>
		<p>A program that hands in mail to it is told so at once, with the reason. What was taken all the same is not tried: its trail says Suppressed.</p>
		<div class="field"><label for="stop-address">Address</label>
			<input id="stop-address" name="address" class="input" required maxlength="300" placeholder="you@example.com" autocomplete="off"
				autocapitalize="none" spellcheck="false" /></div>
		<div class="field"><label for="stop-reason">Reason (optional)</label>
			<input id="stop-reason" name="reason" class="input" maxlength="200" placeholder="wants letters instead" /></div>
		<div class="field"><label for="stop-until">Until the end of this day (optional)</label>
			<input id="stop-until" name="until" class="input" type="date" /></div><//>`;
}

function Lift({ entry, onClose }) {
	const act = async () => {
		await api.allowMail(entry.address);
		toast(`${entry.address} gets mail again.`);
	};
	return html`<${Ask} title=${`Mail to ${entry.address} again`} word="Remove it from the list" onClose=${onClose} act=${act}>
		<p>New mail to it is tried again. What was stopped meanwhile stays stopped: send it anew.</p>
		<p class="dim">It is on the list because: ${entry.says}</p><//>`;
}

function useList(q) {
	const [state, set] = useState({ list: null, total: 0, cursor: null, problem: null });
	const ask = useCallback(async (cursor = "", signal) => {
		try {
			const page = await api.stopped({ q, limit: PAGE, cursor }, signal);
			set((s) => ({ list: cursor ? [...s.list, ...page.suppressions] : page.suppressions, total: page.total, cursor: page.cursor, problem: null }));
		} catch (problem) {
			if (problem.name !== "AbortError")
				set((s) => ({ ...s, problem }));
		}
	}, [q]);
	useEffect(() => {
		const stop = new AbortController();
		const timer = setTimeout(() => ask("", stop.signal), q ? TYPING_MS : 0);
		return () => {
			clearTimeout(timer);
			stop.abort();
		};
	}, [ask]);
	return { ...state, again: () => ask(), more: () => ask(state.cursor) };
}

export function Stopped({ mayAct }) {
	const [q, setQ] = useState("");
	const { list, total, cursor, problem, again, more } = useList(q.trim());
	const [open, setOpen] = useState(null); // "add", or an entry to be removed
	const close = (done) => {
		setOpen(null);
		if (done)
			again();
	};
	return html`<${Back} to="#/queue" word="Queue" />
		<${Head} title="Who gets no mail" tells="Nothing is tried there: the mailbox is gone, or somebody wished it.">
			${mayAct && html`<button type="button" class="button" onClick=${() => setOpen("add")}><${Icon} name="block" size=${16} />Add an address</button>`}<//>
		<div class="tools"><div class="search" role="search"><${Icon} name="search" />
			<input class="input large" type="search" aria-label="Search the list" placeholder="A part of the address" value=${q} maxlength="200"
				autocomplete="off" autocapitalize="none" spellcheck="false" onInput=${(e) => setQ(e.target.value)} /></div></div>
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${!list && !problem && html`<${Waiting} what="the list" />`}
		${list?.length === 0 && html`<div class="panel"><${Empty} icon=${q ? "search" : "check"} title=${q ? "Nobody like that" : "Everybody gets mail"}>
			${q ? html`<p>No address with <strong class="break">${q}</strong> in it is on the list: it gets mail.</p>`
				: html`<p>An address comes here by itself when a report that can be trusted says that its mailbox does not exist, so that
					further mail to it does no harm to your name. You can add one by hand, too.</p>`}<//></div>`}
		${list?.length > 0 && html`<p class="dim queue-sum" role="status">${plural(total, "address", "addresses")}</p>
			<ul class="panel lanes" aria-label="Addresses that get no mail">${list.map((e) => html`<${Entry} key=${e.address} entry=${e} mayAct=${mayAct} lift=${setOpen} />`)}</ul>
			${cursor && html`<div class="more"><button type="button" class="button" onClick=${more}>Show more</button></div>`}`}
		${open === "add" && html`<${Add} onClose=${close} />`}
		${open?.address && html`<${Lift} entry=${open} onClose=${close} />`}`;
}
