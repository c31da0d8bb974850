import { Graph } from '/graph.js';

const byId = id => document.getElementById(id);
const POINTS = 60;

// A service that others can reach asks for its token before it changes anything: open the page with #token=… once.
const given = new URLSearchParams(location.hash.slice(1)).get('token');
if (given) {
  sessionStorage.setItem('token', given);
  history.replaceState(null, '', location.pathname);
}

const count = value => Math.round(value).toLocaleString('en-US');
const rate = value => value === 0 ? '0' : value < 100 ? value.toFixed(1) : count(value);
function duration(seconds) {
  if (seconds < 1) return Math.round(seconds * 1000) + ' ms';
  if (seconds < 60) return seconds.toFixed(1) + ' s';
  if (seconds < 7200) return Math.floor(seconds / 60) + ' min';
  return seconds < 172800 ? Math.floor(seconds / 3600) + ' h' : Math.floor(seconds / 86400) + ' d';
}
function bytes(value) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return (unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)) + ' ' + units[unit];
}
const sum = (parts, value) => parts.reduce((total, part) => total + value(part), 0);
const most = (parts, value) => parts.reduce((found, part) => Math.max(found, value(part)), 0);
const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
function pill(node, state) {
  if (node.dataset.state !== state) node.dataset.state = state;
  set(node, state);
}

async function ask(what, subject) {
  const headers = { 'Content-Type': 'application/json' };
  const token = sessionStorage.getItem('token');
  if (token) headers.Authorization = 'Bearer ' + token;
  const refused = byId('refused');
  try {
    const response = await fetch('/api/v1/' + what, { method: 'POST', headers, body: JSON.stringify(subject) });
    refused.hidden = response.ok;
    if (!response.ok) set(refused, (await response.json()).error);
  } catch {
    refused.hidden = false;
    set(refused, 'The service did not answer: nothing was changed, as far as this page can tell.');
  }
}

/** A button that pauses something, or lets it go on. */
function toggle(button, paused, subject, name) {
  button.type = 'button';
  set(button, paused ? 'Resume' : 'Pause');
  button.setAttribute('aria-label', `${paused ? 'Resume' : 'Pause'} ${name}`);
  button.onclick = async () => {
    button.disabled = true;
    await ask(paused ? 'resume' : 'pause', subject);
    button.disabled = false;
  };
  return button;
}

const history60 = new Map();
function hop(id, lag, rowsPerSecond) {
  const tile = byId(id);
  set(tile.querySelector('.lag'), lag === null ? '–' : lag === 0 ? 'idle' : duration(lag));
  set(tile.querySelector('.rate'), rate(rowsPerSecond) + ' rows/s');
  const points = history60.get(id) ?? history60.set(id, []).get(id);
  points.push(rowsPerSecond);
  if (points.length > POINTS) points.shift();
  const top = Math.max(1, ...points);
  // From the right, as wide as there is something to show: the first seconds take half of it.
  const wide = Math.max(POINTS / 2, points.length);
  const path = points.map((value, index) =>
    `${index ? 'L' : 'M'}${((wide - points.length + index) * 120 / (wide - 1)).toFixed(1)} ${(26 - value * 24 / top).toFixed(1)}`);
  tile.querySelector('.spark path').setAttribute('d', path.length > 1 ? path.join('') : '');
}

function hops(status) {
  const kept = status.models.filter(model => model.state !== 'unmaintained');
  const open = status.sources.length > 0;
  hop('hop-staged', open ? most(status.sources, source => source.lag_seconds) : null, sum(status.sources, source => source.rows_per_second));
  hop('hop-maintained', open ? most(status.sources, source => source.maintained_lag_seconds) : null, sum(kept, model => model.rows_per_second));
  hop('hop-delivered', open ? most(status.targets, target => target.lag_seconds) : null, sum(status.targets, target => target.rows_per_second));
}

/** Everything that is not as it should be, each with its reason; what is held only because of something else here is left to the table. */
function concerns(status) {
  const found = [];
  if (status.problem) found.push({ state: 'failing', name: 'The cycle', reason: status.problem });
  if (status.state === 'paused') {
    found.push({ state: 'paused', name: 'The cycle', reason: 'Changes are captured and staged; models and targets stand still.', subject: {} });
  }
  for (const source of status.sources) {
    if (!source.connected) found.push({ state: 'away', name: source.name, reason: source.problems.join(' ') || 'The source is not connected.' });
    else source.problems.forEach(reason => found.push({ state: 'failing', name: source.name, reason }));
    const loading = source.tables.filter(table => table.loading).map(table => table.name);
    if (loading.length) found.push({ state: 'loading', name: source.name, reason: 'Loading ' + loading.join(', ') });
  }
  for (const model of status.models) {
    const held = status.models.filter(other => other.state === 'held' && other.reason.includes(`'${model.name}'`)).map(other => other.name);
    const also = held.length ? ` Held with it: ${held.join(', ')}.` : '';
    if (model.state === 'failed' || model.state === 'undelivered') found.push({ state: model.state, name: model.name, reason: model.reason + also });
    // What is held by another one of these is named there; what waits for something else is a concern of its own.
    if (model.state === 'held' && !status.models.some(other => model.reason.includes(`'${other.name}'`))) {
      found.push({ state: 'held', name: model.name, reason: model.reason });
    }
    if (model.state === 'paused') found.push({ state: 'paused', name: model.name, reason: 'It keeps its last state.' + also, subject: { model: model.id } });
  }
  for (const target of status.targets) {
    if (target.state === 'paused') found.push({ state: 'paused', name: target.name, reason: 'Nothing is delivered to it.', subject: { target: target.name } });
    else if (target.problem && target.state !== 'running') found.push({ state: target.state, name: target.name, reason: target.problem });
  }
  for (const test of status.tests) {
    // A gate that fails is named by the targets that it holds.
    if (test.holds.length && (test.state === 'fail' || test.state === 'error')) continue;
    if (test.state === 'fail' || test.state === 'error' || test.state === 'warn') {
      found.push({ state: test.state === 'warn' ? 'held' : 'failed', name: test.name, reason: `Test: ${test.message || test.state}.` });
    }
  }
  return found;
}

let toldConcerns = '';
function attention(status) {
  const found = concerns(status);
  const told = JSON.stringify([found, status.state]);
  if (told === toldConcerns) return;
  toldConcerns = told;
  const list = byId('attention');
  list.replaceChildren(...found.map(concern => {
    const item = document.createElement('li');
    item.dataset.state = concern.state;
    const state = document.createElement('span');
    state.className = 'pill';
    pill(state, concern.state);
    const text = document.createElement('p');
    const name = document.createElement('strong');
    name.textContent = concern.name;
    text.append(name, ' ' + concern.reason);
    item.append(state, text);
    if (concern.subject) item.append(toggle(document.createElement('button'), true, concern.subject, concern.name));
    return item;
  }));
  if (!found.length && status.state === 'running') {
    const item = document.createElement('li');
    item.className = 'well';
    const state = document.createElement('span');
    state.className = 'pill';
    pill(state, 'fresh');
    const text = document.createElement('p');
    text.textContent = 'Every model is fresh.';
    item.append(state, text);
    list.append(item);
  }
}

/** What a node of the graph says of itself. */
function fact({ kind, part, source }) {
  const moving = part.rows_per_second > 0;
  const speed = `${rate(part.rows_per_second)} rows/s`;
  switch (kind) {
    case 'source': {
      const log = part.slot_lag_bytes === null ? '' : ` · log ${bytes(part.slot_lag_bytes)}`;
      return { state: part.connected ? 'running' : 'away', text: part.connected ? speed + log : 'away', title: part.problems.join('\n'), active: moving };
    }
    case 'table':
      return { state: part.loading ? 'loading' : source.connected ? 'fresh' : 'away', text: part.loading ? 'loading' : speed, title: part.id, active: moving };
    case 'target':
      return { state: part.state, text: part.state === 'running' ? `${speed} · ${part.lag_seconds ? duration(part.lag_seconds) : 'idle'}` : part.state, title: part.problem ?? '', active: moving };
    default:
      return { state: part.state, text: part.state === 'fresh' ? speed : part.state, title: part.reason ?? part.plan_reason, active: moving };
  }
}

const rows = new Map(), targetRows = new Map();
let chosen = null;
function newRow(part, id) {
  const row = document.createElement('tr');
  row.dataset.id = id;
  const cells = Array.from({ length: 7 }, () => row.insertCell());
  cells.slice(2, 5).forEach(cell => { cell.className = 'number'; });
  const name = document.createElement('div');
  name.className = 'name';
  name.textContent = part.name;
  const reason = document.createElement('div');
  reason.className = 'reason';
  cells[0].append(name, reason);
  const state = document.createElement('span');
  state.className = 'pill';
  cells[1].append(state);
  const minus = document.createElement('span'), plus = document.createElement('span');
  minus.className = 'minus';
  plus.className = 'plus';
  cells[3].append(minus, ' ', plus);
  const button = document.createElement('button');
  cells[6].append(button);
  return { row, reason, state, rate: cells[2], minus, plus, ago: cells[4], last: cells[5], button };
}

/** One row for each part, kept as long as the parts are the same: a button must not vanish under a finger. */
function keepRows(body, kept, parts, idOf) {
  if (JSON.stringify(parts.map(idOf)) !== JSON.stringify([...kept.keys()])) {
    kept.clear();
    parts.forEach(part => kept.set(idOf(part), newRow(part, idOf(part))));
    body.replaceChildren(...[...kept.values()].map(view => view.row));
  }
}

function fill(view, part, reason, now, subject) {
  pill(view.state, part.state);
  set(view.reason, part.state === 'paused' || !reason ? '' : reason);
  set(view.rate, rate(part.rows_per_second));
  const last = part.last_delta;
  set(view.minus, last && last.deleted ? '−' + count(last.deleted) : '');
  set(view.plus, last ? last.inserted || !last.deleted ? '+' + count(last.inserted) : '' : '–');
  const at = last ? last.at : part.ran_at;
  set(view.ago, at ? duration(Math.max(0, (now - Date.parse(at)) / 1000)) + ' ago' : '–');
  toggle(view.button, part.state === 'paused', subject, part.name);
}

function targets(status, now) {
  byId('targets-card').hidden = status.targets.length === 0;
  keepRows(byId('targets'), targetRows, status.targets, target => target.name);
  for (const target of status.targets) {
    const view = targetRows.get(target.name);
    fill(view, target, target.problem, now, { target: target.name });
    set(view.last, target.lag_seconds ? duration(target.lag_seconds) : 'nothing waits');
  }
}

function models(status, now) {
  keepRows(byId('models'), rows, status.models, model => model.id);
  for (const model of status.models) {
    const view = rows.get(model.id);
    fill(view, model, model.reason, now, { model: model.id });
    set(view.last, model.plan);
    view.last.title = model.plan_reason;
    view.button.hidden = model.state === 'unmaintained';
    view.row.classList.toggle('lit', model.id === chosen);
  }
  byId('models-empty').hidden = status.models.length > 0;
  const fresh = status.models.filter(model => model.state === 'fresh').length;
  set(byId('models-count'), status.models.length ? `${fresh} of ${status.models.length} fresh` : '');
}

const graph = new Graph(byId('graph'), id => {
  chosen = id;
  rows.forEach((view, key) => view.row.classList.toggle('lit', key === id));
});

function show(status) {
  const now = Date.parse(status.at);
  document.title = `${status.pipeline} · Freshet`;
  set(byId('pipeline'), status.pipeline);
  set(byId('subtitle'), `cut ${count(status.cut)} · up ${duration((now - Date.parse(status.started_at)) / 1000)}`);
  pill(byId('state'), status.state);
  const button = byId('pause-all');
  button.hidden = status.state !== 'running' && status.state !== 'paused' && status.state !== 'failing';
  toggle(button, status.state === 'paused', {}, 'the pipeline');
  hops(status);
  attention(status);
  byId('graph-empty').hidden = status.models.length > 0;
  byId('graph-hint').hidden = status.models.length === 0;
  graph.show(status, fact);
  targets(status, now);
  models(status, now);
  set(byId('footer'), `Freshet ${status.version} · staging ${count(status.staging.rows)} rows in ${count(status.staging.files)} files, ${bytes(status.staging.bytes)}`);
  document.documentElement.dataset.shown = status.at;
}

const events = new EventSource('/api/v1/events');
events.addEventListener('status', event => {
  byId('lost').hidden = true;
  show(JSON.parse(event.data));
});
events.addEventListener('error', () => { byId('lost').hidden = false; });
