import { catalogue } from "../lib/i18n";

/** A visit that goes on by telephone, at the visitor; and telephones in a video call, at the desk. */
export const say = catalogue(
  {
    go_on: "Lanjut lewat telepon",
    number: "Nomor telepon Bapak/Ibu",
    note: "Kami menelepon sekarang. Petugasnya sama, dan halaman ini boleh ditutup setelah telepon diangkat.",
    ring: "Telepon saya",
    stay: "Tetap di halaman ini",
    missing: "Isi nomor telepon yang kami hubungi.",
    refused: "Telepon belum bisa disambungkan. Panggilan tetap berjalan di halaman ini.",
    ringing: "Telepon Bapak/Ibu berdering. Angkat untuk melanjutkan di sana.",
    stop: "Batalkan",
    here: "Suara sekarang lewat telepon. Halaman ini boleh ditutup.",
    back: "Kembali ke halaman ini",
    visitor_by_telephone: "Pengunjung bicara lewat telepon",
    outside_number: "Telepon luar {count}",
  },
  {
    go_on: "Go on by telephone",
    number: "Your telephone number",
    note: "We call you now. The officer stays the same, and you may close this page once you have answered.",
    ring: "Call me",
    stay: "Stay on this page",
    missing: "Fill in the telephone number that we are to call.",
    refused: "The telephone could not be connected. The call goes on in this page.",
    ringing: "Your telephone rings. Answer it to go on there.",
    stop: "Cancel",
    here: "Your sound is on the telephone now. You may close this page.",
    back: "Back to this page",
    visitor_by_telephone: "The visitor speaks by telephone",
    outside_number: "Telephone outside {count}",
  },
);
