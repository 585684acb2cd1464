// SPDX-License-Identifier: Apache-2.0
// Batches (a table's rows as mails): what runs and how far, what is wrong with a row, what became of each mail.
import { html, address, plural } from "./lib.js";
import * as api from "./api.js";
import { Icon } from "./icons.js";
import { Back, Code, Empty, Head, State, Trouble, Waiting, useLoad } from "./parts.js";
import { useNews } from "./news.js";
import { Time, useTick } from "./time.js";
import { phaseOf } from "./words.js";

const EVERY_S = 3; // a program of its own sends it: of its checking there are no news
const NOT_A_STATE = { "not-handed-over": "not taken", unknown: "not known any more" };

const fileOf = (path) => path.split("/").pop();
const placeOf = (id) => address("queue", `batches/${id}`);
// "... are safe in the queue", as its sender was told, is not so for long.
const tells = (b) => (b.phase === "done" ? `The relay took ${(b.taken + b.before).toLocaleString("en")} of ${plural(b.rows, "row")}.` : b.says);
const moves = (b) => b.phase === "checking" || b.phase === "sending";

function Phase({ name }) {
	const { word, tone, icon } = phaseOf(name);
	return html`<span class=${`chip ${tone}`}><${Icon} name=${icon} size=${14} />${word}</span>`;
}

const Bar = ({ batch }) => moves(batch) && html`<progress class="batch-bar" max="100" value=${batch.percent}
	aria-label=${`How far ${fileOf(batch.table)} is`}>${batch.percent} %</progress>`;

function Row({ batch }) {
	return html`<li class="stopped">
		<div class="grow"><h2 class="break"><a href=${placeOf(batch.id)}>${fileOf(batch.table)}</a> <${Phase} name=${batch.phase} /></h2>
			<p class="break">${tells(batch)}</p><${Bar} batch=${batch} /></div>
		<dl class="lane-facts small">
			<div><dt>Begun</dt><dd><${Time} at=${batch.began} /></dd></div>
			<div><dt>Rows</dt><dd class="numbers">${batch.rows.toLocaleString("en")}</dd></div>
		</dl>
	</li>`;
}

export function Batches() {
	useTick(5);
	const { data, problem, again } = useLoad(api.batches, [], EVERY_S);
	const list = data?.batches;
	return html`<${Back} to="#/queue" word="Queue" />
		<${Head} title="Batches" tells="A table's rows as mails: what runs, how far it is, and how it ended." />
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${!list && !problem && html`<${Waiting} what="the batches" />`}
		${list?.length === 0 && html`<div class="panel"><${Empty} icon="file" title="No batch so far">
			<p>Mails to many, one for each row of a table, are sent on the machine of the relay by</p>
			<${Code} text="postrider send --merge customers.csv --template invoice.eml" what="the command" />
			<p>Shown here are those of users who may write to the relay's data folder.</p><//></div>`}
		${list?.length > 0 && html`<ul class="panel lanes" aria-label="Batches">${list.map((b) => html`<${Row} key=${b.id} batch=${b} />`)}</ul>`}`;
}

function Problems({ batch }) {
	const more = batch.bad - batch.problems.filter((p) => p.row).length;
	return html`<section class="gap-above"><h2>Rows that cannot be sent</h2>
		<ul class="panel lanes" aria-label="Rows that cannot be sent">${batch.problems.map((p) => html`<li class="stopped">
			<div class="grow"><h3>${p.row ? `Row ${p.row.toLocaleString("en")}` : "Template"}</h3><p class="break">${p.problem}</p></div></li>`)}</ul>
		${more > 0 && html`<p class="small dim">and ${more.toLocaleString("en")} more</p>`}</section>`;
}

function Counts({ states }) {
	return html`<div class="row">${Object.entries(states).map(([s, n]) => html`<span class="row lane-count" key=${s}>
		<span class="numbers">${n.toLocaleString("en")}</span>
		${NOT_A_STATE[s] ? html`<span class="chip">${NOT_A_STATE[s]}</span>` : html`<${State} name=${s} />`}</span>`)}</div>`;
}

function NotWell({ row }) {
	const who = row.recipient || `Row ${row.row}`;
	return html`<li class="stopped">
		<div class="grow"><h3 class="break">${row.id ? html`<a href=${address("messages", row.id)}>${who}</a>` : who}
				${NOT_A_STATE[row.state] ? html` <span class="chip">${NOT_A_STATE[row.state]}</span>` : html` <${State} name=${row.state} />`}</h3>
			<p class="break">${row.words}</p>
			${row.what_to_do && html`<p class="break">${row.what_to_do}</p>`}
			${row.reply && html`<p class="small dim break">${row.host && `${row.host} said: `}<code>${row.reply}</code></p>`}</div>
		<dl class="lane-facts small"><div><dt>Row</dt><dd class="numbers">${row.row.toLocaleString("en")}</dd></div>
			${row.next_try && html`<div><dt>Next try</dt><dd><${Time} at=${row.next_try} form="relative" /></dd></div>`}</dl>
	</li>`;
}

function Fates({ batch }) {
	const { states, recipients, not_well: list } = batch.fates;
	const wrong = new Set(batch.problems.map((p) => p.row)); // told above already
	const rows = list.filter((r) => r.id || r.code || !wrong.has(r.row));
	return html`<section class="gap-above"><h2>What became of ${plural(recipients, "recipient")}</h2>
		<${Counts} states=${states} />
		${batch.results_command
		? html`<p class="small">More rows than a page can give. This writes the table, where the batch is sent from:
			<code class="break">${batch.results_command}</code></p>`
		: html`<p class="buttons"><a class="button" href=${api.batchResults(batch.id)} download><${Icon} name="file" size=${16} />Results as a table</a></p>`}</section>
		${rows.length > 0 && html`<section class="gap-above"><h2>Not well, or not yet</h2>
			<ul class="panel lanes" aria-label="Recipients that are not well">${rows.map((r) => html`<${NotWell} key=${`${r.row} ${r.recipient}`} row=${r} />`)}</ul>
			${list.length >= 100 && html`<p class="small dim">These are of the first ${list.length}; the table has all.</p>`}</section>`}`;
}

export function Batch({ at }) {
	useTick(5);
	const which = at.id.replace(/^batches\//, "");
	const { data: b, problem, again } = useLoad((signal) => api.batch(which, signal), [which], EVERY_S);
	useNews(again);
	return html`<${Back} to="#/queue/batches" word="Batches" />
		${problem && html`<${Trouble} problem=${problem} again=${again} />`}
		${!b && !problem && html`<${Waiting} what="the batch" />`}
		${b && html`<${Head} title=${fileOf(b.table)} tells=${tells(b)} />
			<div class="panel batch-facts"><p><${Phase} name=${b.phase} /></p><${Bar} batch=${b} />
				<dl class="lane-facts small">
					<div><dt>Begun</dt><dd><${Time} at=${b.began} /></dd></div>
					<div><dt>Rows</dt><dd class="numbers">${b.rows.toLocaleString("en")}</dd></div>
					<div><dt>Table</dt><dd class="break">${b.table}</dd></div>
					<div><dt>Template</dt><dd class="break">${b.template}</dd></div>
					<div><dt>Results</dt><dd class="break">${b.results}</dd></div>
				</dl></div>
			${b.problems.length > 0 && html`<${Problems} batch=${b} />`}
			${b.fates && html`<${Fates} batch=${b} />`}`}`;
}
