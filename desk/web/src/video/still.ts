// A still of a moving picture, as a JPEG.

const PATIENCE_MS = 3_000;
const QUALITY = 0.92;

/** Return what a stream shows now, in its full size; null if it shows nothing. */
export async function still(stream: MediaStream): Promise<Blob | null> {
  const video = document.createElement("video");
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  try {
    await Promise.race([shows(video), new Promise((_, fail) => setTimeout(() => fail(new Error("no picture")), PATIENCE_MS))]);
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    return await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  } catch {
    return null;
  } finally {
    video.srcObject = null;
  }
}

async function shows(video: HTMLVideoElement): Promise<void> {
  const ready = new Promise<void>((done) => {
    video.onloadeddata = () => done();
  });
  await video.play();
  if (video.readyState < video.HAVE_CURRENT_DATA || video.videoWidth === 0) await ready;
}
