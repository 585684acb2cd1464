// SPDX-License-Identifier: Apache-2.0
// One mail: its way hop by hop, to each recipient, and what may be done.
import { html, address, plural, useState } from "./lib.js";
import * as api from "./api.js";
import { ActionButtons, Confirm } from "./actions.js";
import { Cause } from "./cause.js";
import { Icon } from "./icons.js";
import { Back, Copy, Fold, Head, Mark, State, Trouble, Waiting, useLoad } from "./parts.js";
import { useNews } from "./news.js";
import { Send } from "./report.js";
import { Time, longDay, useTick } from "./time.js";
import { LIVE, TROUBLE, destination, size, stateOf } from "./words.js";

const FRESH_S = 20; // beside the news, for what only time changes
const RANK = ["refused", "bounced", "expired", "suppressed", "in-doubt", "delayed", "held", "cancelled"];
const rank = (r) => (RANK.indexOf(r.state) + 1 || RANK.length + 1);

const eventsOf = (message, rcpt) => message.trail.filter((v) => v.rcpt === undefined || v.rcpt === rcpt);

// "127.0.0.1" tells a clerk nothing
const isHere = (client) => !client || client === "::1" || client.startsWith("127.");
const placeOf = (client) => (isHere(client) ? "A program on this machine" : `The program at ${client}`);

// Where the mail is known to be: the program, us, the next server, and the mailbox of which only a report tells.
function hopsOf(message, r) {
	const over = ["handed-over", "bounced", "confirmed"].includes(r.state);
	const next = stateOf(r.state);
	const host = r.host || destination(r.lane).name || r.recipient.split("@")[1] || "the next server";
	const hops = [
		{ name: message.account || placeOf(message.client), role: "handed it in", tone: "good", icon: "file" },
		{ name: "Postrider", role: "took it", at: message.arrived, tone: "good", icon: "horn" },
	];
	if (r.state === "cancelled" || r.state === "suppressed")
		return [...hops, { name: next.word, role: "did not leave us", at: r.changed, tone: next.tone, icon: next.icon }];
	hops.push({ name: host, role: over ? "took it" : next.word.toLowerCase(), at: r.changed,
		tone: over ? "good" : next.tone, icon: over ? "server" : next.icon });
	if (over) {
		const mailbox = r.state === "handed-over" ? { role: "not known", tone: "", icon: "question" }
			: { role: r.state === "confirmed" ? "a report says it arrived" : "a report says it failed", tone: next.tone, icon: next.icon };
		if (r.hop === "smarthost")
			hops.push({ name: `Server of ${r.recipient.split("@")[1] ?? "the recipient"}`, role: r.state === "handed-over" ? "not known" : "",
				tone: "", icon: "server" });
		hops.push({ name: "Mailbox", ...mailbox });
	}
	return hops;
}

function Way({ message, recipient }) {
	return html`<ol class="way" aria-label="The way of the mail">${hopsOf(message, recipient).map((h) => html`<li class=${h.tone}>
		<${Mark} tone=${h.tone} icon=${h.icon} size=${18} />
		<span class="way-name break">${h.name}</span>
		<span class="way-role">${h.role}${h.at && html`, <${Time} at=${h.at} form="clock" />`}</span>
	</li>`)}</ol>`;
}

// "HOST answered 550 5.1.1 no such user: ..." -> what stands before the reply, the reply as it came, what stands behind
function partsOf(event) {
	const { says = "", reply, code } = event;
	const spoken = code && reply && !reply.startsWith(String(code)) ? `${code} ${reply}` : reply;
	const at = spoken ? says.indexOf(spoken) : -1;
	if (at < 0)
		return { before: says, spoken };
	return { before: says.slice(0, at).trim(), spoken, after: says.slice(at + spoken.length).replace(/^[\s:-]+/, "") };
}

const goesOn = (state) => (state === "held" ? "Goes on" : "Next try");

function Event({ event, open }) {
	const { tone, icon, word } = stateOf(event.state);
	const { before, spoken, after } = partsOf(event);
	return html`<li class="event">
		<${Mark} tone=${tone} icon=${icon} />
		<div class="event-main">
			<div class="between"><strong>${word}</strong><span class="dim small numbers"><${Time} at=${event.time} form="clock" /></span></div>
			${before && html`<p class="break">${before}</p>`}
			${spoken && html`<pre class="raw" tabindex="0">${spoken}</pre>`}
			${after && html`<p class="dim break">${after}</p>`}
			${Date.parse(event.next) > Date.now() && html`<p class="dim small">${goesOn(event.state)} <${Time} at=${event.next} form="relative" /></p>`}
			${event.meaning && !open && html`<${Fold} title=${`What it means: ${event.meaning.title}`}>
				<${Cause} cause=${event.meaning} heading=${false} short /><//>`}
		</div>
	</li>`;
}

function Timeline({ events, shown }) {
	let day = "";
	return html`<ol class="events">${events.map((v) => {
		const today = longDay(new Date(v.time));
		const head = today === day ? null : html`<li class="event-day">${(day = today)}</li>`;
		return html`${head}<${Event} event=${v} open=${v === shown} />`;
	})}</ol>`;
}

function Waits({ recipient: r }) {
	if (!LIVE.includes(r.state) || !r.expires)
		return null;
	return html`<p class="dim">${r.next && html`${goesOn(r.state)} <${Time} at=${r.next} />. `}Given up <${Time} at=${r.expires} form="relative" />,
		${" "}if it goes on so.</p>`;
}

function Fate({ message, recipient, mayAct, pick, send }) {
	const events = eventsOf(message, recipient.rcpt);
	const failing = TROUBLE.includes(recipient.state) ? events.findLast((v) => v.meaning) : null;
	const { tone, icon, word } = stateOf(recipient.state);
	return html`<section class="panel fate" aria-label=${`To ${recipient.recipient}`}>
		<div class="fate-head pad">
			<${Mark} tone=${tone} icon=${icon} size=${20} />
			<div class="grow stack tight">
				<h2 class="break">${word} <span class="dim fate-to">to ${recipient.recipient}</span></h2>
				<p>${recipient.says}</p>
				<${Waits} recipient=${recipient} />
				${recipient.state === "suppressed" && html`<p><a href="#/queue/stopped">See who gets no mail, and why</a></p>`}
				<div class="buttons actions"><${ActionButtons} states=${[recipient.state]} mayAct=${mayAct} pick=${(a) => pick(a, recipient)} />
					<button type="button" class="button little" onClick=${() => send(recipient)}><${Icon} name="file" size=${16} />Send this to IT</button></div>
			</div>
		</div>
		<${Way} message=${message} recipient=${recipient} />
		${failing && html`<div class="pad fate-cause"><${Cause} cause=${failing.meaning} /></div>`}
		<div class="pad fate-trail"><h3>Its trail</h3><${Timeline} events=${events} shown=${failing} /></div>
	</section>`;
}

function Recipients({ message, chosen }) {
	const sorted = [...message.recipients].sort((a, b) => rank(a) - rank(b) || a.rcpt - b.rcpt);
	return html`<nav class="panel recipients" aria-label="Recipients"><ul>${sorted.map((r) => html`<li key=${r.rcpt}>
		<a href=${address("messages", message.id, { rcpt: String(r.rcpt) })} aria-current=${r.rcpt === chosen ? "true" : undefined}>
			<${State} name=${r.state} /><span class="break">${r.recipient}</span></a></li>`)}</ul></nav>`;
}

function Facts({ message: m }) {
	return html`<dl class="facts">
		<dt>From</dt><dd>${m.from || m.sender}
			${m.from && m.sender && m.from !== m.sender && html` <span class="dim">(returns to ${m.sender})</span>`}</dd>
		<dt>Taken</dt><dd><${Time} at=${m.arrived} />
			${m.client && html` <span class="dim">from ${isHere(m.client) ? `this machine (${m.client})` : m.client}${m.account && `, logged in as ${m.account}`}</span>`}</dd>
		<dt>Size</dt><dd>${size(m.size)}${m.body_here ? "" : ", its text is no longer kept"}</dd>
		<dt>Message-ID</dt><dd class="mono">${m.message_id || "none"}</dd>
		<dt>Our id</dt><dd class="row"><span class="mono">${m.id}</span><${Copy} text=${m.id} what="our id" plain sign /></dd>
	</dl>`;
}

function askFor(message) {
	const counts = (list) => list.reduce((all, r) => ({ ...all, [r.state]: (all[r.state] ?? 0) + 1 }), {});
	return {
		one: (action, r) => ({ action, what: r.recipient, counts: counts([r]), body: { recipient: r.recipient } }),
		all: (action) => ({ action, what: `all recipients of “${message.subject || "this mail"}”`,
			counts: counts(message.recipients), body: {} }),
	};
}

export function Message({ at, mayAct }) {
	useTick(5);
	const { data: message, problem, again } = useLoad((signal) => api.message(at.id, signal), [at.id], FRESH_S);
	useNews(again);
	const [asking, ask] = useState(null);
	const [sending, send] = useState(null);
	const back = html`<${Back} to="#/messages" word="Messages" />`;
	if (!message)
		return html`${back}<${Head} title="Mail" />
			${problem ? html`<${Trouble} problem=${problem} again=${problem.status !== 404 && again} />` : html`<${Waiting} what="the mail" />`}`;
	const wanted = at.params.get("rcpt");
	const chosen = message.recipients.find((r) => String(r.rcpt) === wanted)
		?? [...message.recipients].sort((a, b) => rank(a) - rank(b))[0];
	const many = message.recipients.length > 1;
	const offers = askFor(message);
	const close = (done) => {
		ask(null);
		if (done)
			again();
	};
	return html`${back}
		<${Head} title=${message.subject || "(no subject)"}
			tells=${many ? `To ${plural(message.recipients.length, "recipient")}; each has a fate of its own.` : ""} />
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		<div class=${many ? "message many" : "message"}>
			${many && html`<div class="stack"><${Recipients} message=${message} chosen=${chosen?.rcpt} />
				${mayAct && message.recipients.some((r) => LIVE.includes(r.state)) && html`<div class="stack tight"><h2 class="label">To all that wait</h2>
					<${ActionButtons} states=${message.recipients.map((r) => r.state)} mayAct=${mayAct} pick=${(a) => ask(offers.all(a))} /></div>`}</div>`}
			<div class="stack">
				${chosen && html`<${Fate} key=${chosen.rcpt} message=${message} recipient=${chosen} mayAct=${mayAct}
					pick=${(a, r) => ask(offers.one(a, r))} send=${send} />`}
				<div class="panel pad"><${Facts} message=${message} /></div>
			</div>
		</div>
		${sending && html`<${Send} of=${{ message: message.id, rcpt: sending.rcpt }} about=${sending.recipient} onClose=${() => send(null)} />`}
		${asking && html`<${Confirm} ...${asking} onClose=${close}
			act=${(action, reason) => api.steer(message.id, action, { ...asking.body, reason })} />`}`;
}
