// Where the boxes of a graph stand and how its edges run: columns from left to right, whatever they mean.

export const WIDTH = 196, GAP = 74, HEIGHT = 44;
const SPACE = 10, TOP = 26, GROUP = 12, LANE = 4;

export const element = (tag, className, parent) => {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
};

/**
 * Gives every node its place: each column in the order of the middle of what its nodes read. An edge that passes by a column has a place there too, thin
 * and without a box, so that it runs between the nodes instead of behind them.
 */
export function place({ nodes, edges, columns }) {
  const byColumn = Array.from({ length: columns }, () => []);
  const columnOf = new Map(nodes.map(node => [node.id, node.column]));
  nodes.forEach(node => byColumn[node.column].push({ id: node.id, kind: node.kind, height: HEIGHT, from: [] }));
  const boxes = new Map(byColumn.flat().map(box => [box.id, box]));
  const lanes = new Map();
  for (const edge of edges) {
    const first = columnOf.get(edge.from), last = columnOf.get(edge.to);
    let before = edge.from;
    for (let column = first + 1; column < last; column++) {
      // Edges to one target run together from the first column that all of them pass.
      const id = edge.delivery ? `${edge.to}@${column}` : `${edge.from}>@${column}`;
      if (!boxes.has(id)) {
        boxes.set(id, { id, kind: 'lane', height: LANE, from: [] });
        byColumn[column].push(boxes.get(id));
      }
      boxes.get(id).from.push(before);
      before = id;
      lanes.set(edge, [...(lanes.get(edge) ?? []), id]);
    }
    boxes.get(edge.to)?.from.push(before);
  }
  const at = new Map();
  const middleOf = id => at.get(id).y + at.get(id).height / 2;
  const apart = (box, position) => box.kind === 'source' && position > 0 ? GROUP : 0;
  const heights = byColumn.map(column => column.reduce((sum, box, position) => sum + apart(box, position) + box.height + SPACE, TOP));
  const tallest = Math.max(...heights);
  byColumn.forEach((column, index) => {
    if (index > 0) {
      const order = new Map(column.map(box => {
        const middles = box.from.filter(id => at.has(id)).map(middleOf);
        return [box, middles.length ? middles.reduce((sum, y) => sum + y, 0) / middles.length : 0];
      }));
      column.sort((one, other) => order.get(one) - order.get(other));
    }
    // Short columns stand in the middle of the tallest one.
    let y = TOP + (tallest - heights[index]) / 2;
    column.forEach((box, position) => {
      y += apart(box, position);
      const inset = box.kind === 'table' ? 12 : 0;
      at.set(box.id, { x: index * (WIDTH + GAP) + inset, y, width: WIDTH - inset, height: box.height });
      y += box.height + SPACE;
    });
  });
  return { at, lanes, width: columns * (WIDTH + GAP) - GAP, height: tallest };
}

/** From the right side of one place to the left side of the next, through the lanes between. */
export function curve(places) {
  const middle = place => place.y + place.height / 2;
  let path = `M${places[0].x + places[0].width} ${middle(places[0])}`;
  for (let index = 1; index < places.length; index++) {
    const from = places[index - 1], to = places[index];
    const x1 = from.x + from.width, bend = (to.x - x1) / 2;
    path += `C${x1 + bend} ${middle(from)} ${to.x - bend} ${middle(to)} ${to.x} ${middle(to)}`;
    if (index < places.length - 1) path += `H${to.x + to.width}`;
  }
  return path;
}
