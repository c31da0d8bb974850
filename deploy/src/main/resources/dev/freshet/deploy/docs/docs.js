const data = JSON.parse(document.getElementById('data').textContent);
const nodes = new Map(data.nodes.map(node => [node.id, node]));
const children = new Map(data.nodes.map(node => [node.id, []]));
data.nodes.forEach(node => node.parents.forEach(parent => children.get(parent)?.push(node.id)));
const parents = id => nodes.get(id).parents.filter(parent => nodes.has(parent));

const byId = id => document.getElementById(id);
const main = byId('main');
const hash = node => `#!/${node.type}/${node.id}`;
const LARGEST = 400;

function add(tag, parent, text, className) {
  const made = element(tag, className ?? '', parent);
  if (text !== undefined) made.textContent = text;
  return made;
}
function link(node, parent, className) {
  const made = add('a', parent, node.title, className);
  made.href = hash(node);
  return made;
}
/** Descriptions arrive as HTML in which nothing of the project's own HTML is left. */
function prose(html, parent) {
  const made = add('div', parent, undefined, 'prose');
  made.innerHTML = html;
  return made;
}

// Colours: one for each engine, in the order of their names; what Freshet runs itself has its own.
const engines = [...new Set(data.nodes.map(node => node.engine).filter(Boolean))].sort();
const colour = engine => !engine ? 'var(--edge)' : engine === data.own ? 'var(--engine-freshet)'
  : `var(--engine-${engines.filter(other => other !== data.own).indexOf(engine) % 6})`;

/** A node with everything up to some steps before and after it; everything when none is given. */
function around(id, before, after) {
  if (!id) return new Set(data.nodes.filter(node => node.type !== 'macro').map(node => node.id));
  const seen = new Set([id]);
  for (const [next, steps] of [[parents, before], [key => children.get(key), after]]) {
    let ring = [id];
    for (let step = 0; step < steps && ring.length; step++) {
      ring = [...new Set(ring.flatMap(next))].filter(other => !seen.has(other));
      ring.forEach(other => seen.add(other));
    }
  }
  return seen;
}

function graphOf(ids) {
  const column = new Map();
  const depth = id => {
    if (!column.has(id)) column.set(id, 1 + Math.max(-1, ...parents(id).filter(parent => ids.has(parent)).map(depth)));
    return column.get(id);
  };
  // What stands alone comes last.
  const isLinked = id => Number(parents(id).length + children.get(id).length > 0);
  const chosen = [...ids].sort((one, other) => isLinked(other) - isLinked(one)).map(id => ({ id, kind: 'node', column: depth(id) }));
  const edges = [...ids].flatMap(id => parents(id).filter(parent => ids.has(parent)).map(parent => ({ from: parent, to: id, delivery: false })));
  return { nodes: chosen, edges, columns: 1 + Math.max(0, ...chosen.map(node => node.column)) };
}

function draw(ids, current, parent) {
  const graph = graphOf(ids);
  const { at, lanes, width, height } = place(graph);
  const box = add('div', add('div', parent, undefined, 'scroll'), undefined, 'graph');
  Object.assign(box.style, { width: width + 'px', height: height + 'px' });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', width);
  svg.setAttribute('height', height);
  svg.setAttribute('aria-hidden', 'true');
  box.append(svg);
  graph.edges.forEach(edge => {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', curve([edge.from, ...(lanes.get(edge) ?? []), edge.to].map(id => at.get(id))));
    svg.append(path);
  });
  for (const { id } of graph.nodes) {
    const node = nodes.get(id), { x, y, width: wide } = at.get(id);
    const drawn = add('a', box, undefined, 'node');
    drawn.href = hash(node);
    drawn.title = `${node.title}\n${node.kind}${node.engine ? ', runs on ' + node.engine : ''}`;
    if (id === current) drawn.setAttribute('aria-current', 'true');
    Object.assign(drawn.style, { left: x + 'px', top: y + 'px', width: wide + 'px', height: HEIGHT + 'px' });
    drawn.style.setProperty('--engine', node.colour ?? colour(node.engine));
    add('span', drawn, node.title, 'name');
    add('span', drawn, node.kind, 'what');
  }
  if (current) box.parentElement.scrollLeft = at.get(current).x - 260;
}

function lineage(current, parent) {
  const tools = add('div', parent, undefined, 'tools');
  const holder = add('div', parent);
  const steps = { before: 2, after: 2 };
  const show = () => {
    holder.replaceChildren();
    const ids = around(current, steps.before, steps.after);
    if (ids.size > LARGEST) {
      add('p', holder, `${ids.size} nodes are too many to look at: choose a node on the left to see what it reads and feeds.`, 'muted');
    } else {
      draw(ids, current, holder);
    }
  };
  if (current) {
    for (const [side, label] of [['before', 'Parents'], ['after', 'Children']]) {
      const chooser = add('label', tools, label + ' ');
      const select = add('select', chooser);
      for (const [value, text] of [[0, 'none'], [1, '1 step'], [2, '2 steps'], [1e9, 'all']]) {
        const option = add('option', select, text);
        option.value = value;
        option.selected = value === steps[side];
      }
      select.addEventListener('change', () => { steps[side] = Number(select.value); show(); });
    }
  }
  engines.forEach(engine => {
    const key = add('span', tools, undefined, 'key');
    add('i', key).style.setProperty('--engine', colour(engine));
    add('span', key, engine);
  });
  show();
}

function facts(node) {
  const row = add('p', main, undefined, 'facts');
  add('span', row, node.kind, 'fact');
  if (node.engine) {
    const engine = add('span', row, node.engine, 'fact');
    engine.dataset.engine = node.engine;
    engine.style.setProperty('--engine', colour(node.engine));
  }
  for (const [name, value] of node.facts) add('span', row, `${name} ${value}`, 'fact');
  node.tags.forEach(tag => add('span', row, '#' + tag, 'fact'));
}

function columns(node) {
  if (!node.columns.length) return;
  add('h2', main, 'Columns');
  const table = add('table', main, undefined, 'columns');
  const head = add('tr', add('thead', table));
  ['Column', 'Type', 'Description', 'Tests'].forEach(name => { add('th', head, name).scope = 'col'; });
  const body = add('tbody', table);
  for (const column of node.columns) {
    const row = add('tr', body);
    add('td', row, column.name);
    const type = add('td', row);
    if (column.missing) add('span', type, 'not in the table', 'muted');
    else add('code', type, column.type ?? '');
    prose(column.description, add('td', row));
    add('td', row, column.tests.join(', '), 'tests');
  }
}

function links(title, ids) {
  if (!ids.length) return;
  add('h2', main, title);
  const list = add('div', main, undefined, 'links');
  ids.forEach(id => link(nodes.get(id), list));
}

function code(node) {
  const texts = [['As written', node.raw], ['Compiled', node.compiled]].filter(([, text]) => text);
  if (!texts.length) return;
  add('h2', main, 'Code');
  const tools = add('div', main, undefined, 'tools');
  const text = add('pre', main, undefined, 'sql');
  const buttons = texts.map(([name, content]) => {
    const button = add('button', tools, name);
    button.type = 'button';
    button.addEventListener('click', () => choose(button, content));
    return button;
  });
  const copy = add('button', tools, 'Copy');
  copy.type = 'button';
  copy.addEventListener('click', () => navigator.clipboard?.writeText(text.textContent).then(() => { copy.textContent = 'Copied'; }));
  function choose(button, content) {
    buttons.forEach(other => other.setAttribute('aria-pressed', String(other === button)));
    text.textContent = content;
    copy.textContent = 'Copy';
  }
  choose(buttons[0], texts[0][1]);
}

function showNode(node) {
  add('h1', main, node.title);
  facts(node);
  if (node.relation) add('code', add('p', main, undefined, 'relation'), node.relation);
  if (node.description) {
    add('h2', main, 'Description');
    prose(node.description, main);
  }
  if (node.type !== 'macro') {
    add('h2', main, 'Lineage');
    lineage(node.id, main);
  }
  columns(node);
  if (node.tests.length) {
    add('h2', main, 'Tests of the whole');
    add('p', main, node.tests.join(', '), 'muted');
  }
  links('Reads', parents(node.id));
  links('Is read by', children.get(node.id));
  code(node);
}

function showOverview() {
  add('h1', main, data.project);
  prose(data.overview, main);
  add('h2', main, 'Lineage');
  lineage(null, main);
}

function show() {
  const id = decodeURIComponent(location.hash.split('?')[0].split('/').slice(2).join('/'));
  main.replaceChildren();
  const node = nodes.get(id);
  if (node) {
    showNode(node);
  } else {
    if (id) add('p', main, `There is no '${id}' in this project.`, 'muted');
    showOverview();
  }
  document.title = (node ? node.title + ' · ' : '') + data.project;
  document.querySelectorAll('#tree .leaf').forEach(leaf => {
    const current = Boolean(node) && leaf.dataset.id === node.id;
    leaf.toggleAttribute('aria-current', current);
    for (let box = leaf.parentElement; current && box.id !== 'tree'; box = box.parentElement) box.open = true;
  });
  scrollTo(0, 0);
}

function tree() {
  const root = byId('tree');
  const boxes = new Map();
  const box = (path, parent) => {
    const key = path.join('/');
    if (!boxes.has(key)) {
      const made = add('details', path.length === 1 ? root : box(path.slice(0, -1), parent));
      add('summary', made, path.at(-1));
      made.open = path.length === 1 && path[0] !== 'Macros';
      boxes.set(key, made);
    }
    return boxes.get(key);
  };
  for (const node of data.nodes) {
    const leaf = link(node, box(node.path, root), 'leaf');
    leaf.dataset.id = node.id;
    leaf.textContent = node.name;
  }
}

function search() {
  const words = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = byId('found');
  found.hidden = !words.length;
  byId('tree').hidden = Boolean(words.length);
  found.replaceChildren();
  if (!words.length) return;
  const ranked = [];
  for (const node of data.nodes) {
    const name = node.title.toLowerCase();
    const rest = node.text ??= [node.kind, node.relation, ...node.tags.map(tag => '#' + tag), ...node.columns.map(column => column.name),
      node.description, node.raw].join('\n').toLowerCase();
    if (words.every(word => name.includes(word) || rest.includes(word))) {
      const inName = words.filter(word => name.includes(word)).length;
      ranked.push({ node, rank: inName * 10 + (name.startsWith(words[0]) ? 5 : 0) + (name === words[0] ? 5 : 0), words });
    }
  }
  ranked.sort((one, other) => other.rank - one.rank || one.node.title.localeCompare(other.node.title));
  ranked.slice(0, 60).forEach(({ node }) => {
    const leaf = link(node, found, 'leaf');
    const columns = node.columns.filter(column => words.some(word => column.name.toLowerCase().includes(word))).map(column => column.name);
    add('span', leaf, node.kind + (columns.length ? ': ' + columns.join(', ') : ''));
  });
  if (!ranked.length) add('p', found, 'Nothing has all of these words.', 'muted');
}

byId('project').textContent = data.project;
byId('made').textContent = 'as of ' + new Date(data.generatedAt).toLocaleString();
tree();
byId('search').addEventListener('input', search);
addEventListener('hashchange', () => { show(); main.focus({ preventScroll: true }); });
addEventListener('keydown', event => {
  if (event.key === '/' && !/INPUT|SELECT/.test(document.activeElement.tagName)) {
    event.preventDefault();
    byId('search').focus();
  }
});
show();
