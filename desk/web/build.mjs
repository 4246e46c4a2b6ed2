// Builds the pages into ../static: scripts and styles with hashed names, one HTML shell a page, one sprite of the icons
// used, the licences of what is bundled, and manifest.json, which says what a page loads.
// --dev adds the pages that are for developers only.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dev = process.argv.includes("--dev");
const into = join(here, "..", "static");
const out = join(here, "..", `static.${process.pid}`);

/** Each page: the name of its shell, its entry and its title before the script has run. */
const pages = JSON.parse(await readFile(join(here, "pages.json"), "utf8")).filter((page) => dev || !page.dev);

const hash = (content) => createHash("sha256").update(content).digest("hex").slice(0, 10);

async function sprite() {
  const source = await readFile(join(here, "src/ui/icons.ts"), "utf8");
  const names = [...source.matchAll(/^ {2}"([a-z0-9-]+)",$/gm)].map((match) => match[1]);
  if (names.length === 0) throw new Error("src/ui/icons.ts names no icon");
  const symbols = await Promise.all(
    names.map(async (name) => {
      const file = join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
      const paths = [...(await readFile(file, "utf8")).matchAll(/<path [^>]*\/>/g)].map((match) => match[0]);
      const drawn = paths.filter((path) => !path.includes('stroke="none"')).join("");
      return `<symbol id="${name}" viewBox="0 0 24 24">${drawn}</symbol>`;
    }),
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  const name = `icons-${hash(svg)}.svg`;
  await writeFile(join(out, "assets", name), svg);
  return name;
}

async function licences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  packages.add("@tabler/icons");
  const texts = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} comes without a licence`);
    texts.push(`${name}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
  }
  await writeFile(join(out, "assets", "licences.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}

/** What the browser fetches before the page runs: the entry's file, then all that it imports, and its style. */
function loads(metafile, entry) {
  const outputs = metafile.outputs;
  const main = Object.keys(outputs).find((file) => outputs[file].entryPoint === entry);
  const scripts = new Set();
  const follow = (file) => {
    if (scripts.has(file)) return;
    scripts.add(file);
    for (const { path, kind } of outputs[file].imports) if (kind === "import-statement") follow(path);
  };
  follow(main);
  const asset = (file) => relative(out, join(here, file));
  return { scripts: [...scripts].map(asset), styles: outputs[main].cssBundle ? [asset(outputs[main].cssBundle)] : [] };
}

function shell(page, { scripts, styles }, { early, font }) {
  const [main, ...rest] = scripts;
  return `<!doctype html>
<html lang="id">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Sambung</title>
<link rel="icon" href="/assets/mark.svg" type="image/svg+xml" id="favicon">
<link rel="preload" href="/assets/${font}" as="font" type="font/woff2" crossorigin>
<script src="/${early}"></script>
${styles.map((style) => `<link rel="stylesheet" href="/${style}">`).join("\n")}
${rest.map((script) => `<link rel="modulepreload" href="/${script}">`).join("\n")}
<script type="module" src="/${main}"></script>
<body><div id="app"></div><noscript>Halaman ini memerlukan JavaScript. This page needs JavaScript.</noscript>
`;
}

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });
try {
  const icons = await sprite();
  const common = {
    absWorkingDir: here,
    bundle: true,
    minify: !dev,
    sourcemap: dev ? "inline" : false,
    target: ["chrome123", "firefox120", "safari17.5"],
    outdir: join(out, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
  };
  const { metafile } = await build({
    ...common,
    entryPoints: pages.map((page) => page.entry),
    format: "esm",
    splitting: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".woff2": "file" },
    define: { __ICONS__: JSON.stringify(`/assets/${icons}`) },
  });
  const first = await build({ ...common, entryPoints: ["src/pages/early.ts"], format: "iife" });
  const early = relative(out, join(here, Object.keys(first.metafile.outputs)[0]));
  await licences(metafile);
  await writeFile(join(out, "assets", "mark.svg"), await readFile(join(here, "src/ui/mark.svg")));
  const files = await readdir(join(out, "assets"));
  const font = files.find((file) => file.startsWith("public-sans-latin-wght"));
  const manifest = {};
  for (const page of pages) {
    const loaded = loads(metafile, page.entry);
    await writeFile(join(out, `${page.name}.html`), shell(page, loaded, { early, font }));
    manifest[page.name] = { routes: page.routes, ...loaded, scripts: [...loaded.scripts, early] };
  }
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
  // A server that is running goes on with whole files: the old folder is replaced in one step.
  await rm(into, { recursive: true, force: true });
  await rename(out, into);
} finally {
  await rm(out, { recursive: true, force: true });
}
