// Colours: every pair that stands on a screen is readable, by WCAG's own formula, from the file that the pages use.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const css = readFileSync(join(process.env["SAMBUNG_WEB"] ?? "", "src/styles/tokens.css"), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((found) => [found[1]!, [found[2]!, found[3]!] as const]),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function check(front: string, back: string, least: number): void {
  for (const scheme of [0, 1] as const) {
    const pair = [front, back].map((name) => (name.startsWith("#") ? name : tokens.get(name)?.[scheme]));
    assert.ok(pair[0] && pair[1], `${front} or ${back} is no token`);
    const ratio = contrast(pair[0], pair[1]);
    assert.ok(ratio >= least, `${front} on ${back} is ${ratio.toFixed(2)} in ${scheme === 0 ? "light" : "dark"}`);
  }
}

const COLOURS = ["nila", "teal", "amber", "plum", "slate", "vermilion"];

test("text is readable on every ground it stands on", () => {
  for (const ground of ["bg", "s1", "s2", "s3"]) for (const ink of ["ink", "ink2"]) check(ink, ground, 4.5);
  for (const ground of ["bg", "s1", "s2"]) check("ink3", ground, 4.5);
  for (const colour of COLOURS) {
    check(colour, "s1", 4.5);
    check(colour, `${colour}-tint`, 4.5);
    check("ink", `${colour}-tint`, 4.5);
  }
  for (const solid of ["nila", "teal", "plum", "vermilion"]) check("#ffffff", `${solid}-solid`, 4.5);
  check("#231700", "amber-solid", 4.5);
});

test("edges of controls and the ring of focus are seen", () => {
  for (const ground of ["bg", "s1", "s2"]) check("edge", ground, 3);
  for (const ground of ["bg", "s1", "s2"]) check("nila", ground, 3);
});
