// Bundles tests/web/*.test.ts and runs them with Node's own test runner.

import { build } from "esbuild";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const tests = join(here, "../../tests/web");
const out = await mkdtemp(join(tmpdir(), "sambung-web-"));
try {
  const files = (await readdir(tests)).filter((name) => name.endsWith(".test.ts")).sort();
  await build({
    entryPoints: files.map((name) => join(tests, name)),
    absWorkingDir: here,
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    jsx: "automatic",
    jsxImportSource: "preact",
    nodePaths: [join(here, "node_modules")],
    // JsSIP is CommonJS and asks for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    define: { __ICONS__: '"/assets/icons.svg"' },
    logLevel: "warning",
  });
  const ran = spawnSync(process.execPath, ["--test", "--test-reporter=tap", "--enable-source-maps", ...files.map((name) => join(out, name.replace(/ts$/, "mjs")))], {
    stdio: "inherit",
    env: { ...process.env, SAMBUNG_WEB: here, TZ: "America/New_York" },
  });
  process.exitCode = ran.status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
