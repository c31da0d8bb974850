// Draws the graph: source tables on the left, models by how far they are from them, targets on the right. Positions change with the project only.

import { WIDTH, GAP, HEIGHT, element, place, curve } from '/layout.js';

/** The nodes and edges of a status. Ids carry their kind, as a source and a target may be one output. */
export function nodesOf(status) {
  const nodes = [], edges = [];
  for (const source of status.sources) {
    nodes.push({ id: 'source:' + source.name, kind: 'source', name: source.name, column: 0, part: source });
    for (const table of source.tables) {
      nodes.push({ id: table.id, kind: 'table', name: table.name, column: 0, part: table, source });
    }
  }
  const column = new Map(nodes.map(node => [node.id, 0]));
  const known = new Set([...column.keys(), ...status.models.map(model => model.id)]);
  for (const model of status.models) {
    const parents = model.parents.filter(id => known.has(id));
    column.set(model.id, 1 + Math.max(0, ...parents.map(id => column.get(id) ?? 0)));
    nodes.push({ id: model.id, kind: 'model', name: model.name, column: column.get(model.id), part: model });
    parents.forEach(id => edges.push({ from: id, to: model.id, delivery: false }));
    if (model.state !== 'unmaintained') edges.push({ from: model.id, to: 'target:' + model.target, delivery: true });
  }
  const last = 1 + Math.max(0, ...nodes.map(node => node.column));
  for (const target of status.targets) {
    nodes.push({ id: 'target:' + target.name, kind: 'target', name: target.name, column: last, part: target });
  }
  return { nodes, edges, columns: last + 1 };
}

export class Graph {
  constructor(root, onChoose) {
    this.root = root;
    this.onChoose = onChoose;
    this.shape = '';
    this.chosen = null;
  }

  show(status, fact) {
    const graph = nodesOf(status);
    const shape = JSON.stringify([graph.nodes.map(node => node.id), graph.edges]);
    if (shape !== this.shape) this.draw(graph, shape);
    for (const node of graph.nodes) {
      const drawn = this.nodes.get(node.id);
      const { state, text, title, active } = fact(node);
      drawn.dataset.state = state;
      drawn.title = title;
      if (drawn.lastChild.textContent !== text) drawn.lastChild.textContent = text;
      this.paths.filter(path => path.edge.from === node.id).forEach(path => path.drawn.classList.toggle('active', active));
    }
  }

  draw(graph, shape) {
    this.shape = shape;
    this.root.replaceChildren();
    this.nodes = new Map();
    this.tableSources = new Map(graph.nodes.filter(node => node.kind === 'table').map(node => [node.id, 'source:' + node.source.name]));
    const { at, lanes, width, height } = place(graph);
    this.root.style.width = width + 'px';
    this.root.style.height = height + 'px';
    ['Sources', ...Array(Math.max(0, graph.columns - 2)).fill('Models'), 'Targets'].forEach((title, index, all) => {
      if (title !== all[index - 1]) {
        const head = element('div', 'column', this.root);
        head.textContent = title;
        head.style.left = index * (WIDTH + GAP) + 'px';
      }
    });
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('width', width);
    svg.setAttribute('height', height);
    svg.setAttribute('aria-hidden', 'true');
    this.root.append(svg);
    this.paths = graph.edges.filter(edge => at.has(edge.from) && at.has(edge.to)).map(edge => {
      const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      drawn.setAttribute('d', curve([edge.from, ...(lanes.get(edge) ?? []), edge.to].map(id => at.get(id))));
      if (edge.delivery) drawn.classList.add('delivery');
      svg.append(drawn);
      return { edge, drawn };
    });
    for (const node of graph.nodes) {
      const drawn = element('button', 'node', this.root);
      drawn.type = 'button';
      drawn.dataset.kind = node.kind;
      drawn.dataset.id = node.id;
      const { x, y, width: wide } = at.get(node.id);
      Object.assign(drawn.style, { left: x + 'px', top: y + 'px', width: wide + 'px', height: HEIGHT + 'px' });
      element('span', 'name', drawn).textContent = node.name;
      element('span', 'fact', drawn);
      drawn.addEventListener('click', () => this.choose(this.chosen === node.id ? null : node.id));
      this.nodes.set(node.id, drawn);
    }
    this.choose(this.nodes.has(this.chosen) ? this.chosen : null);
  }

  /** Lights up a node with everything it reads and feeds. */
  choose(id) {
    this.chosen = id;
    const lit = new Set();
    if (id) {
      for (const [one, other] of [['from', 'to'], ['to', 'from']]) {
        const open = id.startsWith('source:')
          ? [id, ...[...this.nodes.keys()].filter(node => node.startsWith(id.slice('source:'.length) + '.'))] : [id];
        const seen = new Set(open);
        while (open.length) {
          const at = open.pop();
          lit.add(at);
          this.paths.filter(path => path.edge[one] === at && !seen.has(path.edge[other])).forEach(path => {
            seen.add(path.edge[other]);
            open.push(path.edge[other]);
          });
        }
      }
    }
    // A table's database is no edge of the flow, and still where it comes from.
    this.tableSources.forEach((source, table) => { if (lit.has(table)) lit.add(source); });
    this.root.classList.toggle('chosen', Boolean(id));
    this.nodes.forEach((node, key) => {
      node.classList.toggle('lit', lit.has(key));
      node.setAttribute('aria-pressed', String(key === id));
    });
    this.paths.forEach(({ edge, drawn }) => drawn.classList.toggle('lit', lit.has(edge.from) && lit.has(edge.to)));
    this.onChoose(id);
  }
}
