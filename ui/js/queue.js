// SPDX-License-Identifier: Apache-2.0
// What waits, by destination: why, since when, and when it goes on.
import { html, address, plural, sum, useState } from "./lib.js";
import * as api from "./api.js";
import { Icon } from "./icons.js";
import { ActionButtons, Confirm } from "./actions.js";
import { Empty, Head, Room, State, Trouble, Waiting, useLoad } from "./parts.js";
import { useNews } from "./news.js";
import { Time, useTick } from "./time.js";
import { destination, stateOf } from "./words.js";

const FRESH_S = 20; // beside the news, for what only time changes

function Eta({ lane }) {
	const at = lane.paused_until && (!lane.next || lane.paused_until > lane.next) ? lane.paused_until : lane.next;
	if (lane.states.sending)
		return html`under way`;
	return at ? html`<${Time} at=${at} form="relative" />` : html`<span class="dim">not by itself</span>`;
}

function Lane({ lane, picked, pick, mayAct }) {
	const { name, by } = destination(lane.destination);
	const states = Object.entries(lane.states).filter(([, n]) => n);
	return html`<li class="lane">
		${mayAct && html`<label class="lane-pick"><input type="checkbox" class="tick" checked=${picked} onChange=${pick} />
			<span class="away">Choose ${name}</span></label>`}
		<div class="lane-main">
			<h2 class="break">${name} <span class="dim lane-by">${by}</span></h2>
			<div class="row">${states.map(([s, n]) => html`<span class="row lane-count" key=${s}>
				<span class="numbers">${n.toLocaleString("en")}</span><${State} name=${s} /></span>`)}</div>
			${lane.title ? html`<p class="lane-why">${lane.title}</p>`
				: states.slice(0, 1).map(([s]) => html`<p class="small dim">${stateOf(s).tells}</p>`)}
			${lane.unreadable > 0 && lane.unreadable < lane.waiting && html`<p class="lane-why">
				${plural(lane.unreadable, "recipient")}: this relay cannot read its own copy of the mail</p>`}
			${lane.reply && html`<p class="small dim break">${lane.host && `${lane.host} said: `}
				<code>${lane.code ? `${lane.code} ` : ""}${lane.reply}</code></p>`}
		</div>
		<dl class="lane-facts small">
			<div><dt>${lane.states.held && !lane.states.delayed && !lane.states.queued ? "Goes on" : "Next try"}</dt><dd><${Eta} lane=${lane} /></dd></div>
			<div><dt>Oldest</dt><dd><${Time} at=${lane.oldest} form="relative" /></dd></div>
			${lane.sessions_max > 0 && html`<div><dt>Sessions</dt><dd class="numbers">${lane.sessions} of ${lane.sessions_max}</dd></div>`}
		</dl>
		<a class="lane-link small" href=${address("messages", "", { lane: lane.destination, show: "waiting" })}>Show the mail</a>
	</li>`;
}

function countsOf(lanes) {
	const counts = {};
	for (const l of lanes)
		for (const [s, n] of Object.entries(l.states))
			counts[s] = (counts[s] ?? 0) + n;
	return counts;
}

async function steerAll(lanes, action, reason) {
	const answers = [];
	for (const l of lanes)
		answers.push(await api.steerQueue(action, { destination: l.destination, reason }));
	return { done: sum(answers.map((a) => a.done)), not_done: answers.flatMap((a) => a.not_done) };
}

export function Queue({ mayAct }) {
	useTick(5);
	const { data, problem, again } = useLoad(api.queue, [], FRESH_S);
	useNews(again);
	const [picked, setPicked] = useState(new Set());
	const [action, setAction] = useState("");
	const lanes = data?.destinations ?? [];
	const chosen = lanes.filter((l) => picked.has(l.destination));
	const counts = countsOf(chosen);
	const toggle = (name) => setPicked((old) => {
		const next = new Set(old);
		if (!next.delete(name))
			next.add(name);
		return next;
	});
	const all = () => setPicked(chosen.length === lanes.length ? new Set() : new Set(lanes.map((l) => l.destination)));
	const close = (done) => {
		setAction("");
		if (done) {
			setPicked(new Set());
			again();
		}
	};
	return html`<${Head} title="Queue" tells="What waits on our disk, by destination. Nothing here is lost.">
			<a class="button" href="#/queue/batches"><${Icon} name="file" size=${16} />Batches</a>
			<a class="button" href="#/queue/stopped"><${Icon} name="block" size=${16} />Who gets no mail</a><//>
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		<${Room} store=${data?.store} />
		${!data && !problem && html`<${Waiting} what="the queue" />`}
		${data && !lanes.length && html`<div class="panel"><${Empty} icon="check" title="Nothing waits">
			<p>Every mail has left or came to an end. What a server refuses for now, or what is held on purpose, waits here with
				the reason and the time of the next try.</p><//></div>`}
		${lanes.length > 0 && html`<div class="between queue-sum">
			<p class="dim">${plural(sum(lanes.map((l) => l.waiting)), "recipient")} at ${plural(lanes.length, "destination")}</p>
			${mayAct && html`<button type="button" class="button little bare" onClick=${all}>
				${chosen.length === lanes.length ? "Choose none" : "Choose all"}</button>`}</div>
		<ul class="panel lanes">${lanes.map((l) => html`<${Lane} key=${l.destination} lane=${l} mayAct=${mayAct}
			picked=${picked.has(l.destination)} pick=${() => toggle(l.destination)} />`)}</ul>`}
		${chosen.length > 0 && html`<div class="panel bulk" role="region" aria-label="What to do with the chosen">
			<p><strong>${plural(chosen.length, "destination")}</strong> chosen</p>
			<${ActionButtons} states=${Object.keys(counts).filter((s) => counts[s])} mayAct=${mayAct} pick=${setAction} /></div>`}
		${action && html`<${Confirm} action=${action} counts=${counts} onClose=${close}
			what=${chosen.length === 1 ? destination(chosen[0].destination).name : plural(chosen.length, "destination")}
			act=${(a, reason) => steerAll(chosen, a, reason)} />`}`;
}
