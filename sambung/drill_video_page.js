// What the drill does with a page as a person would, and what reaches eyes and ears there.
"use strict";

globalThis.drill = (() => {
  const FULL = 8_000;
  const nameOf = (element) => (element.getAttribute("aria-label") ?? element.textContent).trim();
  const beginsWith = (found, name) => [...found].find((element) => nameOf(element).startsWith(name));

  /** Press the button of that name; false while there is none that can be pressed. */
  function press(name) {
    const button = beginsWith(document.querySelectorAll("button:not([aria-disabled])"), name);
    button?.click();
    return button !== undefined;
  }

  /** Write into the field of that label. */
  function fill(label, text) {
    const field =
      beginsWith(document.querySelectorAll("input[aria-label]"), label) ??
      beginsWith(document.querySelectorAll("label"), label)?.control ?? null;
    if (!field) return false;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  /** Tick the only box. */
  function agree() {
    const box = document.querySelector("input[type=checkbox]");
    if (box && !box.checked) box.click();
    return box?.checked ?? false;
  }

  /** Send what is written into the form that has the field of that label. */
  function send(label) {
    beginsWith(document.querySelectorAll("input[aria-label]"), label)?.form.requestSubmit();
    return true;
  }

  const screen = () => document.querySelector("[data-screen]")?.dataset.screen ?? "";

  const at = (path) => location.pathname === path && document.readyState === "complete";

  /** Whether the page shows the own camera. */
  const sees_itself = () => [...document.querySelectorAll("video")].some((video) => video.videoWidth > 0);

  const reads = (text) => document.body.innerText.includes(text);

  /** What the page says is wrong. */
  const alarm = () => [...document.querySelectorAll("[role=alert]")].map((one) => one.innerText.trim()).join(" ");

  const pixel = document.createElement("canvas");
  pixel.width = pixel.height = 1;
  const paint = pixel.getContext("2d", { willReadFrequently: true });
  const colours = new WeakMap();

  /** The colour of what is shown. A stream is looked at until it has one: a frame that is painted is missing to the
      browser's camera for a while, and one that is painted at every look stops it for seconds. */
  function colour(video) {
    const stream = video.srcObject ?? video;
    if (!colours.get(stream)) colours.set(stream, painted(video));
    return colours.get(stream);
  }

  function painted(video) {
    // Nothing is painted while there is no frame yet: what was painted before must not be read for it.
    paint.clearRect(0, 0, 1, 1);
    paint.drawImage(video, 0, 0, 1, 1);
    const rgb = [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
    const most = rgb.indexOf(Math.max(...rgb));
    // One colour has to stand out, or it is grey or nothing.
    return rgb.every((part, i) => i === most || part < rgb[most] / 2) ? ["red", "green", "blue"][most] : "";
  }

  /** How many frames were decoded of the picture of that colour; -1 if none is shown. */
  function frames(wanted) {
    const found = [...document.querySelectorAll("video")].filter((video) => video.videoWidth > 0);
    const counts = found.filter((video) => colour(video) === wanted).map((v) => v.getVideoPlaybackQuality().totalVideoFrames);
    return Math.max(-1, ...counts);
  }

  /** Listen for a moment to what the page plays: the strongest frequency in Hz, and its level in dB. */
  async function hear() {
    let best = { hz: 0, db: -200 };
    for (const audio of document.querySelectorAll("audio")) {
      if (!audio.srcObject?.getAudioTracks().length) continue;
      const context = new AudioContext({ sampleRate: FULL });
      const analyser = context.createAnalyser();
      analyser.fftSize = 2_048;
      context.createMediaStreamSource(audio.srcObject).connect(analyser);
      const bins = new Float32Array(analyser.frequencyBinCount);
      await new Promise((done) => setTimeout(done, 500));
      analyser.getFloatFrequencyData(bins);
      const loudest = bins.indexOf(Math.max(...bins));
      if (bins[loudest] > best.db) best = { hz: (loudest * FULL) / analyser.fftSize, db: bins[loudest] };
      await context.close();
    }
    return best;
  }

  /** The interaction that this tab keeps of its visit. */
  const visit = () => JSON.parse(sessionStorage.getItem("sambung.visit") ?? "null")?.id ?? "";

  // A browser without a window has no screen to share: a moving green picture stands for it.
  if (navigator.mediaDevices) {
    navigator.mediaDevices.getDisplayMedia = async () => {
      const canvas = document.createElement("canvas");
      canvas.width = 1_280;
      canvas.height = 720;
      const paint = canvas.getContext("2d");
      let step = 0;
      setInterval(() => {
        paint.fillStyle = "#00c000";
        paint.fillRect(0, 0, canvas.width, canvas.height);
        paint.fillStyle = "#00ff00";
        paint.fillRect((step += 8) % canvas.width, 40, 80, 80);
      }, 100);
      return canvas.captureStream(10);
    };
  }

  return { press, fill, agree, send, screen, at, sees_itself, reads, alarm, frames, hear, visit };
})();
