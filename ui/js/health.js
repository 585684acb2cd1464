// SPDX-License-Identifier: Apache-2.0
// How the set-up fares over days: monitors, what left and what did not, what runs out, and what changed in the DNS.
import { html, plural, useState } from "./lib.js";
import * as api from "./api.js";
import { LastCheck, Monitor, POINTS_LEAST, timeOf } from "./monitor.js";
import { Bars, Lines } from "./plot.js";
import { Choices, Empty, Fold, Head, Mark, Notice, Room, Trouble, Waiting, useLoad } from "./parts.js";
import { Time, shortDay, span, useTick } from "./time.js";

const FRESH_S = 15, SOON_DAYS = 7, CAP_NEAR = 0.8, ALERTS_SHOWN = 20, DAY_MS = 86400000, HOURS_FROM_S = 6 * 3600;
const PERIODS = [["1", "Day"], ["7", "Week"], ["30", "Month"], ["90", "Quarter"]];

const DAYS = [
	["handed_over", "Handed over", "good"], ["delayed", "Delayed", "warn"], ["refused", "Refused", "bad"],
	["bounced", "Bounced", "plum"], ["expired", "Expired", "5"],
];
const KINDS = {
	certificate: ["Certificate", "seal"],
	"own-certificate": ["Our certificate", "seal"],
	"client-secret": ["OAuth secret", "key"],
	token: ["Token", "key"],
};

function Tiles({ data, queue }) {
	const today = data.days.at(-1) ?? {};
	const lost = (today.refused ?? 0) + (today.bounced ?? 0) + (today.expired ?? 0);
	const oldest = queue?.destinations.map((d) => d.oldest).filter(Boolean).sort()[0];
	const tiles = [
		["Handed over today", today.handed_over ?? "none yet", ""], // counted once a minute
		["Will not arrive (today)", lost || "none", lost ? "bad" : ""],
		["Waiting now", queue?.waiting ?? "…", ""],
		["Longest wait", oldest ? span(Date.now() - Date.parse(oldest)) : "none", ""],
	];
	return html`<div class="tiles">${tiles.map(([word, n, tone]) => html`<div class="panel tile">
		<span class="small dim">${word}</span><span class=${`tile-number ${tone}`}>${n.toLocaleString("en")}</span></div>`)}</div>`;
}

// The whole period, though the relay is younger than that: the reader chose it.
function wholePeriod(days, n) {
	const first = Date.parse(days[0].day), before = Math.max(n - days.length, 0);
	return [...Array.from({ length: before }, (_, i) => ({ day: first - (before - i) * DAY_MS })), ...days];
}

function Plots({ data, period }) {
	const used = DAYS.filter(([k]) => k === "handed_over" || data.days.some((d) => d[k]));
	const shown = data.days.length ? wholePeriod(data.days, period) : [];
	const days = used.map(([k, name, tone]) => ({ name, tone, values: shown.map((d) => d[k] ?? 0) }));
	const [unit, size] = Math.max(...data.queue.map((s) => s.oldest_s)) > HOURS_FROM_S ? ["hours", 3600] : ["minutes", 60];
	const age = [{ name: unit, points: data.queue.map((s) => [Date.parse(s.at), Math.round(s.oldest_s / size)]) }];
	return html`<div class="plots">
		${data.days.length > 0 && html`<div class="panel pad">
			<${Bars} title="What became of mail, by day" labels=${shown.map((d) => shortDay(new Date(d.day)))} series=${days} /></div>`}
		${data.queue.length >= POINTS_LEAST && html`<div class="panel pad">
			<${Lines} title=${`Longest wait in the queue, ${unit}`} series=${age} ends=${timeOf} /></div>`}
	</div>`;
}

function Expiring({ list }) {
	return html`<ul class="panel">${list.map((x) => {
		const [word, icon] = KINDS[x.kind] ?? [x.kind, "clock"];
		const tone = x.days_left < SOON_DAYS || x.trouble ? "bad" : x.warn ? "warn" : "good";
		return html`<li class="due"><${Mark} tone=${tone} icon=${icon} />
			<div><strong class="break">${x.name}</strong><p class="small dim break">${word}${x.detail && `, ${x.detail}`}</p>
				${x.trouble && html`<p class="small bad break">Its renewal fails: ${x.trouble}</p>`}</div>
			<p class="due-days"><strong class=${tone}>${x.days_left < 0 ? "has run out" : x.days_left === 0 ? "within a day" : plural(x.days_left, "day")}</strong>
				<span class="small dim"><${Time} at=${x.expires} form="day" /></span></p></li>`;
	})}</ul>`;
}

function Caps({ list }) {
	return html`<ul class="panel">${list.map((c) => {
		const share = c.most ? Math.min(c.used / c.most, 1) : 0;
		const tone = share >= 1 ? "bad" : share >= CAP_NEAR ? "warn" : "";
		return html`<li class="cap">
			<div class="between"><strong class="break">${c.name}</strong>
				<span class="small numbers">${c.used.toLocaleString("en")} of ${c.most.toLocaleString("en")}</span></div>
			<div class=${`bar ${tone}`}><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
				<rect width=${share * 100} height="1" /></svg></div>
			<p class="small dim">${c.limit}${share >= 1 ? ": more waits until it may go, held with the reason" : ""}</p></li>`;
	})}</ul>`;
}

const Values = ({ list }) => (list.length ? html`<code class="break">${list.join(" ")}</code>` : html`<span class="dim">nothing</span>`);

function Changes({ list }) {
	if (!list.length)
		return html`<p class="dim">No record has changed since they are watched.</p>`;
	return html`<ul class="panel">${list.map((c) => html`<li class="due change"><${Mark} tone="warn" icon="globe" />
		<div class="small"><strong class="break">${c.type} of ${c.name}</strong>
			<p><span class="dim">was</span> <${Values} list=${c.before} /></p>
			<p><span class="dim">is</span> <${Values} list=${c.after} /></p></div>
		<span class="small dim"><${Time} at=${c.at} /></span></li>`)}</ul>`;
}

function Records({ list }) {
	return html`<ul class="panel">${list.map((r) => html`<li class="due record"><span class="chip">${r.type}</span>
		<div class="small"><strong class="break">${r.name}</strong><p><${Values} list=${r.values} /></p></div>
		<span class="small dim">since <${Time} at=${r.since} form="day" /></span></li>`)}</ul>`;
}

const ALERTS = { well: ["good", "check"], back: ["good", "check"], expiring: ["warn", "clock"] };

function Alerts({ list }) {
	return html`<ul class="panel">${list.slice(0, ALERTS_SHOWN).map((a) => {
		const [tone, icon] = ALERTS[a.kind] ?? ["bad", "warn"];
		return html`<li class="due"><${Mark} tone=${tone} icon=${icon} />
			<div><strong class="break">${a.subject}</strong><p class="small dim break">${a.alert} by ${a.way}: ${a.result}</p></div>
			<span class="small dim"><${Time} at=${a.at} /></span></li>`;
	})}</ul>`;
}

const CONF = 'monitor "office" {\n  target = "you@example.com"\n  every = "15m"\n}\nalert "us" { mail = { "it@example.com" } }';

function NoMonitor() {
	return html`<div class="panel"><${Empty} icon="pulse" title="Nothing is watched yet">
		<p>A monitor runs a check on a schedule, keeps its history, and tells you when something turns bad.
			Add one to <code>postrider.conf</code> and reload the relay (<code>systemctl reload postrider</code>):</p>
		<pre class="raw conf" tabindex="0">${CONF}</pre><//></div>`;
}

const Section = ({ title, children }) => html`<section class="section"><h2>${title}</h2>${children}</section>`;

function Found({ data, queue, period, mayAct, again }) {
	const { monitors, expiring, caps, dns, alerts } = data;
	return html`<${Room} store=${queue?.store} />
		${data.trouble && html`<div class="gap-below" role="status"><${Notice} tone="warn" icon="warn">
			<p><strong>The relay has trouble of its own.</strong></p><p class="break">${data.trouble}</p><//></div>`}
		<${Tiles} data=${data} queue=${queue} />
		<${Section} title="Monitors">${monitors.length > 0
			? html`<ul class="panel">${monitors.map((m) => html`<${Monitor} key=${m.name} monitor=${m} mayAct=${mayAct} again=${again} />`)}</ul>`
			: html`<${NoMonitor} />`}<//>
		${(data.days.length > 0 || data.queue.length >= POINTS_LEAST)
			&& html`<${Section} title="The relay"><${Plots} data=${data} period=${period} /><//>`}
		<div class="two">
			${expiring.length > 0 && html`<${Section} title="Certificates and secrets"><${Expiring} list=${expiring} /><//>`}
			${caps.length > 0 && html`<${Section} title="Limits used"><${Caps} list=${caps} /><//>`}
		</div>
		${dns.records.length > 0 && html`<${Section} title="DNS records"><div class="stack">
			<${Changes} list=${dns.changes} />
			<${Fold} title=${`${plural(dns.records.length, "record")} watched`}><${Records} list=${dns.records} /><//></div><//>`}
		${alerts.length > 0 && html`<${Section} title="Alerts given"><${Alerts} list=${alerts} /><//>`}`;
}

function Overview({ mayAct }) {
	useTick(10);
	const [days, setDays] = useState("7");
	const { data, problem, again } = useLoad((signal) => api.health(`${days}d`, signal), [days], FRESH_S);
	const { data: queue } = useLoad(api.queue, [], FRESH_S);
	return html`<${Head} title="Health" tells=${(data?.monitors.length && data.says) || "How the set-up fares over time."}>
			<${Choices} name="period" label="Period" value=${days} options=${PERIODS} onChange=${setDays} /><//>
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${!data && !problem && html`<${Waiting} what="the history" />`}
		${data && html`<${Found} data=${data} queue=${queue} period=${Number(days)} mayAct=${mayAct} again=${again} />`}`;
}

export const Health = ({ at, mayAct }) => (at.id ? html`<${LastCheck} name=${at.id} />` : html`<${Overview} mayAct=${mayAct} />`);
