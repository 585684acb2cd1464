// SPDX-License-Identifier: Apache-2.0
// Paste anything: an error, a bounce mail, some lines of a log.
import { html, useRef, useState } from "./lib.js";
import * as api from "./api.js";
import { Cause } from "./cause.js";
import { Icon } from "./icons.js";
import { Fold, Head, State, Trouble } from "./parts.js";
import { provider } from "./words.js";

const EXAMPLES = [
	["A refused login", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."],
	["A bounce", "550 5.1.1 <old.name@customer.example>: Recipient address rejected: User unknown in local recipient table"],
	["A program's error", "Error: Greeting never received, code ETIMEDOUT, command CONN, port 465"],
];

function Original({ original }) {
	return html`<div class="panel pad"><dl class="facts">
		${original.subject && html`<dt>About the mail</dt><dd><strong>${original.subject}</strong></dd>`}
		${original.from && html`<dt>From</dt><dd>${original.from}</dd>`}
		${original.date && html`<dt>Of</dt><dd>${original.date}</dd>`}
		${original.message_id && html`<dt>Message-ID</dt><dd class="mono">${original.message_id}</dd>`}
	</dl></div>`;
}

const ACTION_STATE = { failed: "bounced", delayed: "delayed", delivered: "confirmed", relayed: "handed-over", expanded: "handed-over" };

function Recipients({ list }) {
	return html`<ul class="panel hits">${list.map((r) => html`<li class="bounce-row">
		<${State} name=${ACTION_STATE[r.action] ?? r.action} /><span class="grow"><strong class="break">${r.address}</strong>
		${r.reply && html`<span class="small dim break bounce-reply">${r.remote && `${r.remote}: `}${r.reply}</span>`}</span></li>`)}</ul>`;
}

function Item({ item }) {
	const whence = item.code > 0 || item.provider || item.host || item.recipient;
	return html`<section class="stack">
		${whence && html`<div class="row dim small">
			${item.code > 0 && html`<span class=${`chip numbers ${item.failure ? "bad" : ""}`}>
				${`${item.code} ${item.enhanced}`}</span>`}
			${item.provider && html`<span>said by ${provider(item.provider)}</span>`}
			${item.host && html`<span class="break">${item.host}</span>`}
			${item.recipient && html`<span class="break">about ${item.recipient}</span>`}
		</div>`}
		<${Cause} cause=${item} />
		${item.text && html`<${Fold} title="The words it was told from"><pre class="raw" tabindex="0">${item.text}</pre><//>`}
		${item.decide && html`<p class="small dim">To be sure, check it: <code class="break">${item.decide}</code></p>`}
	</section>`;
}

function Answer({ items }) {
	return html`${items.map((item) => html`<div class="stack wide">
		${item.original && html`<${Original} original=${item.original} />`}
		${item.recipients?.length > 0 && html`<${Recipients} list=${item.recipients} />`}
		<div class="panel pad"><${Item} item=${item} /></div>
		${(item.also ?? []).filter((a) => a.id).map((a) => html`<div class="panel pad"><${Item} item=${a} /></div>`)}
		${item.quoted && html`<h2>The quoted bounce</h2><${Answer} items=${[item.quoted]} />`}
	</div>`)}`;
}

export function Explain({ at }) {
	const [text, setText] = useState(at.params.get("text") ?? "");
	const [state, set] = useState({ items: null, problem: null, busy: false });
	const answer = useRef();
	const ask = async (what) => {
		if (!what.trim())
			return;
		set((s) => ({ ...s, busy: true, problem: null }));
		try {
			const found = await api.explain(what);
			set({ items: Array.isArray(found) ? found : found.items ?? [found], problem: null, busy: false });
			answer.current?.focus();
		} catch (problem) {
			set({ items: null, problem, busy: false });
		}
	};
	const drop = async (event) => {
		const file = event.dataTransfer?.files[0] ?? event.target.files?.[0];
		if (!file)
			return;
		event.preventDefault();
		const read = await file.text();
		setText(read);
		ask(read);
	};
	const submit = (event) => {
		event.preventDefault();
		ask(text);
	};
	const example = (t) => {
		setText(t);
		ask(t);
	};
	return html`<${Head} title="Explain" tells="Paste an error, a bounce mail or lines of a log. Nothing of it leaves this Postrider." />
		<form class="panel pad stack" onSubmit=${submit}>
			<div class="field"><label for="text">What the program or the mail said</label>
				<textarea class="input" id="text" value=${text} spellcheck="false" placeholder="535 5.7.8 Error: authentication failed"
					onInput=${(e) => setText(e.target.value)} onDragOver=${(e) => e.preventDefault()} onDrop=${drop}
					onKeyDown=${(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && submit(e)}></textarea></div>
			<div class="between roomy">
				<div class="row"><button class="button first" disabled=${state.busy || !text.trim()}>${state.busy ? "Reading…" : "Explain"}</button>
					<label class="button"><${Icon} name="file" size=${16} />Open a file
						<input class="away" type="file" accept=".eml,.txt,.log,message/rfc822,text/*" onChange=${drop} /></label></div>
				<div class="row tries small dim"><span>Or try</span>${EXAMPLES.map(([word, t]) => html`<button type="button" class="button little"
					onClick=${() => example(t)}>${word}</button>`)}</div>
			</div>
		</form>
		<div class="answer stack wide" tabindex="-1" ref=${answer} aria-live="polite">
			${state.problem && html`<${Trouble} problem=${state.problem} again=${() => ask(text)} />`}
			${state.items && html`<${Answer} items=${state.items} />`}
		</div>`;
}
