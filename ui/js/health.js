// SPDX-License-Identifier: Apache-2.0
// How the set-up fares over days: monitors, what left and what did not, what runs out, and what changed in the DNS.
import { html, address, plural, useState } from "./lib.js";
import * as api from "./api.js";
import { Bars, Lines, Strip } from "./plot.js";
import { Choices, Empty, Fold, Head, Mark, Trouble, Waiting, useLoad } from "./parts.js";
import { Time, shortDay, shortTime, span, useTick } from "./time.js";
import { STEPS } from "./words.js";

const FRESH_S = 15, SOON_DAYS = 7, POINTS_LEAST = 4;
const PERIODS = [["1", "Day"], ["7", "Week"], ["30", "Month"], ["90", "Quarter"]];

const CONDITIONS = {
	well: { word: "Well", tone: "good", icon: "check" },
	warning: { word: "Warning", tone: "warn", icon: "warn" },
	bad: { word: "Bad", tone: "bad", icon: "cross" },
	unknown: { word: "Not known yet", tone: "", icon: "question" },
};
const VERDICT_TONES = { ok: "good", warning: "warn", failing: "bad", error: "none", unknown: "none" };
const DAYS = [["handed_over", "Handed over", "good"], ["delayed", "Delayed", "warn"], ["refused", "Refused", "bad"], ["bounced", "Bounced", "plum"], ["expired", "Expired", "5"]];
const KINDS = { certificate: ["Certificate", "seal"], "own-certificate": ["Our certificate", "seal"], "client-secret": ["OAuth secret", "key"], token: ["Token", "key"] };

const stepTimes = (runs) => {
	const names = Object.keys(STEPS).filter((s) => runs.some((r) => r.steps?.[s] > 0));
	const last = names.map((s) => [s, runs.reduce((n, r) => n + (r.steps?.[s] ?? 0), 0)]).sort((a, b) => b[1] - a[1]).slice(0, 5).map(([s]) => s);
	return names.filter((s) => last.includes(s)).map((s) => ({ name: STEPS[s],
		points: runs.filter((r) => r.steps?.[s] !== undefined).map((r) => [Date.parse(r.at), r.steps[s]]) })).filter((s) => s.points.length >= POINTS_LEAST);
};

function runSays(r) {
	const what = r.finding ? `${r.verdict} (${r.finding})` : r.verdict;
	return `${shortTime(new Date(r.at))}: ${what}${r.runs > 1 ? `, ${r.bad} of ${r.runs} runs bad` : ""}`;
}

function Monitor({ monitor: m }) {
	const { word, tone, icon } = CONDITIONS[m.state] ?? CONDITIONS.unknown;
	const series = stepTimes(m.history);
	return html`<li class="monitor-box"><div class="monitor">
		<${Mark} tone=${tone} icon=${icon} label=${word} />
		<div><h3 class="break">${m.name} <span class="dim lane-by">${m.target}</span></h3>
			<p class="monitor-says">${m.summary || "It has not run yet."}</p>
			${m.open && html`<p class="monitor-says">The last run says otherwise than the ones before; it is looked at again soon.</p>`}</div>
		<${Strip} title=${`${m.name}: the last runs`} results=${m.history.slice(-60).map((r) => ({ tone: r.away ? "none" : VERDICT_TONES[r.verdict] ?? "none", says: runSays(r) }))} />
		<div class="monitor-side small"><strong class=${tone}>${word}</strong>${m.since && html` <span class="dim">since <${Time} at=${m.since} /></span>`}
			<span class="dim">${m.well_share !== null && m.well_share !== undefined ? `well in ${Number((m.well_share * 100).toFixed(1))} %` : ""}</span></div>
	</div>
	<div class="monitor-more"><${Fold} title="Times, and when it runs">
		<div class="stack">${series.length > 0 && html`<${Lines} title="Time per step, ms" series=${series} ends=${(t) => shortTime(new Date(t))} />`}
		<p class="small dim">Every ${span(m.every_ms)}, ${plural(m.runs, "run")} so far. Last <${Time} at=${m.last} form="relative" />, next <${Time} at=${m.next} form="relative" />.
			${m.finding && html` The cause: <strong>${m.finding.title}</strong>.`} <a href=${address("check", "", { target: m.target })}>Check it now</a></p></div><//></div>
	</li>`;
}

function Expiring({ list }) {
	return html`<div class="panel">${list.map((x) => {
		const [word, icon] = KINDS[x.kind] ?? [x.kind, "clock"];
		const tone = x.days_left < SOON_DAYS ? "bad" : x.warn ? "warn" : "good";
		return html`<div class="due"><${Mark} tone=${tone} icon=${icon} /><div><strong class="break">${x.name}</strong>
			<p class="small dim break">${word}${x.detail && `, ${x.detail}`}</p></div>
			<p class="due-days"><strong class=${tone}>${x.days_left < 0 ? "run out" : plural(x.days_left, "day")}</strong><span class="small dim"><${Time} at=${x.expires} form="day" /></span></p></div>`;
	})}</div>`;
}

function Caps({ list }) {
	return html`<div class="panel">${list.map((c) => {
		const share = c.most ? Math.min(c.used / c.most, 1) : 0;
		const tone = share >= 1 ? "bad" : share >= 0.8 ? "warn" : "";
		return html`<div class="cap"><div class="between"><strong class="break">${c.name}</strong><span class="small numbers">${c.used.toLocaleString("en")} of ${c.most.toLocaleString("en")}</span></div>
			<div class=${`bar ${tone}`}><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width=${share * 100} height="1" /></svg></div>
			<p class="small dim">${c.limit}${share >= 1 ? ": more waits until it may go, held with the reason" : ""}</p></div>`;
	})}</div>`;
}

const Values = ({ list }) => (list.length ? html`<code class="break">${list.join(" ")}</code>` : html`<span class="dim">nothing</span>`);

function Dns({ dns }) {
	return html`<div class="stack">
		${dns.changes.length > 0 ? html`<div class="panel">${dns.changes.map((c) => html`<div class="due change"><${Mark} tone="warn" icon="globe" />
			<div class="small"><strong class="break">${c.type} of ${c.name}</strong><p><span class="dim">was</span> <${Values} list=${c.before} /></p><p><span class="dim">is</span> <${Values} list=${c.after} /></p></div>
			<span class="small dim"><${Time} at=${c.at} /></span></div>`)}</div>`
			: html`<p class="dim">No record has changed since they are watched.</p>`}
		${dns.records.length > 0 && html`<${Fold} title=${`${plural(dns.records.length, "record")} watched`}><div class="panel">${dns.records.map((r) => html`<div class="due"><span class="chip">${r.type}</span>
			<div class="small"><strong class="break">${r.name}</strong><p><${Values} list=${r.values} /></p></div><span class="small dim">since <${Time} at=${r.since} form="day" /></span></div>`)}</div><//>`}
	</div>`;
}

function Alerts({ list }) {
	return html`<ul class="panel">${list.slice(0, 20).map((a) => html`<li class="due"><${Mark} tone=${a.kind === "well" || a.kind === "back" ? "good" : a.kind === "expiring" ? "warn" : "bad"} icon=${a.kind === "well" || a.kind === "back" ? "check" : "warn"} />
		<div><strong class="break">${a.subject}</strong><p class="small dim break">${a.alert} by ${a.way}: ${a.result}</p></div><span class="small dim"><${Time} at=${a.at} /></span></li>`)}</ul>`;
}

function Tiles({ data, queue }) {
	const today = data.days.at(-1) ?? {};
	const oldest = queue?.destinations.map((d) => d.oldest).filter(Boolean).sort()[0];
	const failed = (today.refused ?? 0) + (today.bounced ?? 0) + (today.expired ?? 0);
	const tiles = [
		["Handed over today", today.handed_over ?? 0, ""],
		["Will not arrive, of today", failed, failed ? "bad" : ""],
		["Waiting now", queue?.waiting ?? "…", ""],
		["Age of the oldest", oldest ? span(Date.now() - Date.parse(oldest)) : "none", ""],
	];
	return html`<div class="tiles">${tiles.map(([word, n, tone]) => html`<div class="panel tile"><span class="small dim">${word}</span>
		<span class=${`tile-number ${tone}`}>${typeof n === "number" ? n.toLocaleString("en") : n}</span></div>`)}</div>`;
}

function Plots({ data }) {
	const labels = data.days.map((d) => shortDay(new Date(d.day)));
	const used = DAYS.filter(([k]) => k === "handed_over" || data.days.some((d) => d[k]));
	const age = data.queue.map((s) => [Date.parse(s.at), Math.round(s.oldest_s / 60)]);
	return html`<div class="plots">
		${data.days.length > 0 && html`<div class="panel pad"><${Bars} title="What became of mail, by day" labels=${labels}
			series=${used.map(([k, name, tone]) => ({ name, tone, values: data.days.map((d) => d[k]) }))} /></div>`}
		${age.length >= POINTS_LEAST && html`<div class="panel pad"><${Lines} title="Age of the oldest in the queue, minutes" series=${[{ name: "Minutes", points: age }]} ends=${(t) => shortTime(new Date(t))} /></div>`}
	</div>`;
}

function Section({ title, children }) {
	return html`<section class="section"><h2>${title}</h2>${children}</section>`;
}

const CONF = 'monitor "office" {\n  target = "profile:office"\n  every = "15m"\n}\nalert "us" { mail = { "it@example.com" } }';

function Found({ data, queue }) {
	return html`<${Tiles} data=${data} queue=${queue} />
		<${Section} title="Monitors">${data.monitors.length
			? html`<ul class="panel">${data.monitors.map((m) => html`<${Monitor} key=${m.name} monitor=${m} />`)}</ul>`
			: html`<div class="panel"><${Empty} icon="pulse" title="Nothing is watched yet">
				<p>A monitor runs a check on a schedule, keeps its history, and tells you when something turns bad. Add one to <code>postrider.conf</code> and reload:</p>
				<pre class="raw conf" tabindex="0">${CONF}</pre><//></div>`}<//>
		${(data.days.length > 0 || data.queue.length >= POINTS_LEAST) && html`<${Section} title="The relay"><${Plots} data=${data} /><//>`}
		<div class="two">
			${data.expiring.length > 0 && html`<${Section} title="Runs out"><${Expiring} list=${data.expiring} /><//>`}
			${data.caps.length > 0 && html`<${Section} title="Limits used"><${Caps} list=${data.caps} /><//>`}
		</div>
		${(data.dns.records.length > 0 || data.dns.changes.length > 0) && html`<${Section} title="DNS records"><${Dns} dns=${data.dns} /><//>`}
		${data.alerts.length > 0 && html`<${Section} title="Alerts given"><${Alerts} list=${data.alerts} /><//>`}`;
}

export function Health() {
	useTick(10);
	const [days, setDays] = useState("7");
	const { data, problem, again } = useLoad((signal) => api.health(`${days}d`, signal), [days], FRESH_S);
	const { data: queue } = useLoad(api.queue, [], FRESH_S);
	return html`<${Head} title="Health" tells=${data?.says ?? "How the set-up fares over time."}>
			<${Choices} name="period" label="Period" value=${days} options=${PERIODS} onChange=${setDays} /><//>
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${!data && !problem && html`<${Waiting} what="the history" />`}
		${data && html`<${Found} data=${data} queue=${queue} />`}`;
}
