import { catalogue } from "../lib/i18n";

export const say = catalogue(
  {
    change: "Ubah kata sandi",
    hint: "Paling sedikit 12 karakter; beberapa kata lebih mudah diingat. Perangkat lain yang masuk dengan akun ini akan dikeluarkan.",
    old: "Kata sandi sekarang",
    fresh: "Kata sandi baru",
    again: "Ulangi kata sandi baru",
    missing: "Isi kata sandi sekarang.",
    short: "Kata sandi baru paling sedikit 12 karakter.",
    same: "Kata sandi baru harus berbeda dari yang sekarang.",
    differs: "Kedua kata sandi baru tidak sama. Ketik sekali lagi.",
    wrong: "Kata sandi sekarang tidak cocok. Periksa huruf besar, lalu coba lagi.",
    later: "Terlalu banyak percobaan. Coba lagi beberapa menit lagi.",
    changed: "Kata sandi sudah diubah. Pakai yang baru saat masuk berikutnya.",
  },
  {
    change: "Change password",
    hint: "At least 12 characters; a few words are easy to remember. Other devices signed in with this account are signed out.",
    old: "Present password",
    fresh: "New password",
    again: "New password once more",
    missing: "Fill in the present password.",
    short: "The new password needs at least 12 characters.",
    same: "The new password must differ from the present one.",
    differs: "The two new passwords differ. Type it once more.",
    wrong: "The present password does not match. Check capital letters, then try again.",
    later: "Too many attempts. Try again in a few minutes.",
    changed: "The password is changed. Use the new one when you sign in next.",
  },
);
