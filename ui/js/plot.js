// SPDX-License-Identifier: Apache-2.0
// Small plots in SVG: lines, and bars on top of each other.  Each has its numbers as a table for who does not see it.
import { html, useLayoutEffect, useRef, useState } from "./lib.js";

const W = 460, H = 170, LEFT = 38, BOTTOM = 22, TOP = 8, RIGHT = 4, LABEL_ROOM = 62, TABLE_ROWS = 24, STRIP_LEAST = 30;
const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

// As wide as there is room, so that letters keep their shape.
function useWidth() {
	const box = useRef();
	const [wide, set] = useState(W);
	useLayoutEffect(() => {
		const seen = new ResizeObserver(([e]) => set(Math.max(200, Math.round(e.contentRect.width))));
		seen.observe(box.current);
		return () => seen.disconnect();
	}, []);
	return [box, wide];
}

// A round number at or above the largest.
function ceiling(max) {
	if (max <= 0)
		return 1;
	const power = 10 ** Math.floor(Math.log10(max));
	return ROUND.map((n) => n * power).find((n) => n >= max);
}

function Axes({ wide, top, labels }) {
	const lines = [0, 0.5, 1];
	const y = (f) => H - BOTTOM - f * (H - TOP - BOTTOM);
	return html`<g class="axes">
		${lines.map((f) => html`<line x1=${LEFT} x2=${wide - RIGHT} y1=${y(f)} y2=${y(f)} />
			<text x=${LEFT - 7} y=${y(f) + 4} text-anchor="end">${Number((top * f).toPrecision(3)).toLocaleString("en")}</text>`)}
		${labels.map(([x, word]) => html`<text x=${x} y=${H - 5} text-anchor="middle">${word}</text>`)}
	</g>`;
}

// In a box: a table grows as wide as its words, whatever it is told.
function Table({ caption, series, rows }) {
	return html`<div class="away"><table><caption>${caption}</caption>
		<thead><tr><td></td>${series.map((s) => html`<th scope="col">${s.name}</th>`)}</tr></thead>
		<tbody>${rows.map((r) => html`<tr>${r.map((c, i) => (i ? html`<td>${c}</td>` : html`<th scope="row">${c}</th>`))}</tr>`)}</tbody></table></div>`;
}

const Legend = ({ series }) => html`<ul class="legend" aria-hidden="true">${series.map((s, i) => html`<li>
	<svg width="10" height="10"><rect width="10" height="10" rx="3" class=${`fill-${s.tone ?? i}`} /></svg>${s.name}</li>`)}</ul>`;

// labels: [text]; series: [{name, tone, values}]
export function Bars({ title, labels, series }) {
	const [box, width] = useWidth();
	const sums = labels.map((_, i) => series.reduce((n, s) => n + (s.values[i] ?? 0), 0));
	const top = ceiling(Math.max(...sums, 0)), room = (width - LEFT - RIGHT) / Math.max(labels.length, 1), wide = Math.min(room * 0.62, 34);
	const high = (n) => (n / top) * (H - TOP - BOTTOM);
	const every = Math.ceil(LABEL_ROOM / room);
	const at = (i) => LEFT + room * (i + 0.5);
	return html`<figure class="plot" ref=${box}><div class="between"><figcaption>${title}</figcaption><${Legend} series=${series} /></div>
		<svg width=${width} height=${H} aria-hidden="true">
			<${Axes} wide=${width} top=${top} labels=${labels.map((l, i) => [at(i), l]).filter((_, i) => i % every === 0)} />
			${labels.map((_, i) => {
				let base = H - BOTTOM;
				return series.map((s, k) => {
					const h = high(s.values[i] ?? 0);
					base -= h;
					return h > 0 && html`<rect class=${`fill-${s.tone ?? k}`} x=${at(i) - wide / 2} y=${base} width=${wide} height=${h} rx="2" />`;
				});
			})}</svg>
		<${Table} caption=${title} series=${series} rows=${labels.map((l, i) => [l, ...series.map((s) => s.values[i] ?? 0)])} />
	</figure>`;
}

// points of each series: [[ms, value]], at least two
export function Lines({ title, series, ends }) {
	const [box, width] = useWidth();
	const all = series.flatMap((s) => s.points);
	const t0 = Math.min(...all.map((p) => p[0])), t1 = Math.max(...all.map((p) => p[0]), t0 + 1);
	const top = ceiling(Math.max(...all.map((p) => p[1])));
	const x = (t) => LEFT + ((t - t0) / (t1 - t0)) * (width - LEFT - RIGHT), y = (v) => H - BOTTOM - (v / top) * (H - TOP - BOTTOM);
	const sides = [[LEFT + LABEL_ROOM / 2, ends(t0)], [width - RIGHT - LABEL_ROOM / 2, ends(t1)]];
	const way = (points) => points.map(([t, v]) => `${x(t).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
	const newest = series.map((s) => new Map(s.points.slice(-TABLE_ROWS)));
	return html`<figure class="plot" ref=${box}>
		<div class="between"><figcaption>${title}</figcaption>${series.length > 1 && html`<${Legend} series=${series} />`}</div>
		<svg width=${width} height=${H} aria-hidden="true"><${Axes} wide=${width} top=${top} labels=${sides} />
			${series.map((s, k) => html`<polyline class=${`line-${s.tone ?? k}`} points=${way(s.points)} />`)}</svg>
		<${Table} caption=${title} series=${series} rows=${[...newest[0].keys()].map((t) => [ends(t), ...newest.map((m) => m.get(t) ?? "")])} />
	</figure>`;
}

// How the last checks went: one stroke each, the newest at the right.
export function Strip({ results, title }) {
	const n = Math.max(results.length, STRIP_LEAST), w = 100 / n, first = n - results.length;
	return html`<svg class="strip" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label=${title}>
		${Array.from({ length: n }, (_, i) => results[i - first] ?? { tone: "gap", says: "" }).map((r, i) => html`<rect class=${`fill-${r.tone}`}
			x=${(i + 0.15) * w} y="0" width=${w * 0.7} height="14" rx="0.4">${r.says && html`<title>${r.says}</title>`}</rect>`)}</svg>`;
}
