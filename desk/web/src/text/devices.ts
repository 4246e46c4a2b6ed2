import { catalogue } from "../lib/i18n";

/** Microphone, camera and loudspeaker in a video call, for visitor and agent alike. */
export const say = catalogue(
  {
    microphone_ended: "Mikrofon terlepas.",
    microphone_denied: "Mikrofon belum diizinkan.",
    microphone_missing: "Mikrofon tidak ditemukan.",
    microphone_busy: "Mikrofon sedang dipakai aplikasi lain.",
    microphone_other: "Mikrofon belum bisa dipakai.",
    camera_ended: "Kamera terlepas.",
    camera_denied: "Kamera belum diizinkan.",
    camera_missing: "Kamera tidak ditemukan.",
    camera_busy: "Kamera sedang dipakai aplikasi lain.",
    camera_other: "Kamera belum bisa dipakai.",
    ended_then: "Ketuk tombolnya untuk memakainya lagi.",
    denied_then: "Ketuk gembok di kiri alamat, izinkan, lalu ketuk tombolnya lagi.",
    missing_then: "Periksa colokan, lalu ketuk tombolnya lagi.",
    busy_then: "Tutup aplikasi itu, lalu ketuk tombolnya lagi.",
    other_then: "Ketuk tombolnya lagi.",
  },
  {
    microphone_ended: "The microphone went away.",
    microphone_denied: "The microphone is not allowed yet.",
    microphone_missing: "No microphone was found.",
    microphone_busy: "Another app is using the microphone.",
    microphone_other: "The microphone cannot be used yet.",
    camera_ended: "The camera went away.",
    camera_denied: "The camera is not allowed yet.",
    camera_missing: "No camera was found.",
    camera_busy: "Another app is using the camera.",
    camera_other: "The camera cannot be used yet.",
    ended_then: "Press its button to use it again.",
    denied_then: "Open the lock to the left of the address, allow it, then press its button again.",
    missing_then: "Check the plug, then press its button again.",
    busy_then: "Close that app, then press its button again.",
    other_then: "Press its button again.",
  },
);
