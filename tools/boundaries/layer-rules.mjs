import { packageOf } from '../workspace/read-imports.mjs';

/** @typedef {import('../workspace/read-workspace.mjs').Workspace} Workspace */

/** Lowest first: an import goes sideways or down in this list. */
const LAYERS = ['contract', 'format', 'domain', 'host', 'runtime', 'app'];

/** Every project says in which layer it is, once. @param {Workspace} workspace */
export function layerTags({ projects }) {
  return projects.flatMap(({ folder, layers }) =>
    layers.length === 1 && LAYERS.includes(layers[0])
      ? []
      : [
          `${folder}/package.json: nx.tags must name one layer (${LAYERS.map((layer) => `layer:${layer}`).join(', ')}), found ${layers.join(', ') || 'none'}`,
        ],
  );
}

/** No import and no dependency points to a higher layer. @param {Workspace} workspace */
export function noImportUp(workspace) {
  const layerOf = layers(workspace);
  return edges(workspace).flatMap(({ from, to, place }) => {
    const [own, other] = [layerOf.get(from), layerOf.get(to)];
    if (own === undefined || other === undefined || LAYERS.indexOf(other) <= LAYERS.indexOf(own)) return [];
    return [
      `${place}: ${from} (${own}) may not use ${to} (${other}): imports go sideways or down, ${LAYERS.join(' < ')}`,
    ];
  });
}

/** `config` and the other domain packages know nothing of each other: runtime maps one to the other. @param {Workspace} workspace */
export function configStandsAlone(workspace) {
  const layerOf = layers(workspace);
  const isConfig = (/** @type {string} */ name) => name.endsWith('/config');
  return edges(workspace).flatMap(({ from, to, place }) =>
    layerOf.get(from) === 'domain' && layerOf.get(to) === 'domain' && isConfig(from) !== isConfig(to)
      ? [
          `${place}: ${from} may not use ${to}: config and the other domain packages meet only in runtime, which maps settings to parameters`,
        ]
      : [],
  );
}

/** Packages do not need each other in a circle, tests included. @param {Workspace} workspace */
export function noCycles(workspace) {
  /** @type {Map<string, Set<string>>} */
  const graph = new Map(workspace.projects.map(({ name }) => [name, new Set()]));
  for (const { from, to } of edges(workspace)) graph.get(from)?.add(to);
  /** @type {Set<string>} */
  const found = new Set();
  /** @type {Set<string>} */
  const done = new Set();
  const visit = (/** @type {string} */ name, /** @type {string[]} */ way) => {
    if (way.includes(name)) {
      found.add(fromSmallest(way.slice(way.indexOf(name))));
      return;
    }
    if (done.has(name)) return;
    for (const next of graph.get(name) ?? []) visit(next, [...way, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return [...found].map((circle) => `packages need each other in a circle: ${circle}`);
}

/** A circle written from its first name on, so that it is found once. @param {string[]} circle */
function fromSmallest(circle) {
  const at = circle.indexOf([...circle].sort()[0]);
  return [...circle.slice(at), ...circle.slice(0, at), circle[at]].join(' → ');
}

/** @param {Workspace} workspace */
function layers({ projects }) {
  return new Map(projects.map((project) => [project.name, project.layers[0]]));
}

/** Every use of one project by another, by an import or in package.json. @param {Workspace} workspace */
function edges({ projects }) {
  const names = new Set(projects.map(({ name }) => name));
  return projects.flatMap(({ name: from, folder, manifest, files }) => {
    const { dependencies, devDependencies, peerDependencies } = manifest;
    const declared = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
    const imported = files.flatMap((file) =>
      file.imports.map(({ name, line }) => ({ to: packageOf(name), place: `${file.path}:${line}` })),
    );
    return [...declared.map((to) => ({ to, place: `${folder}/package.json` })), ...imported]
      .filter(({ to }) => to !== from && names.has(to))
      .map(({ to, place }) => ({ from, to, place }));
  });
}
