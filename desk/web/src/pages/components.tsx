// For developers: every component in its states, to look at. Built with --dev only.

import { signal } from "@preact/signals";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/desk.css";
import { serverTime } from "../lib/clock";
import { chooseLanguage, language } from "../lib/i18n";
import { chooseTheme, theme } from "../lib/theme";
import { Button } from "../ui/button";
import { CallBar } from "../ui/call-bar";
import { Combobox } from "../ui/combobox";
import { Conversation } from "../ui/conversation";
import { Meter } from "../ui/meter";
import { OfferCard } from "../ui/offer-card";
import { Presence } from "../ui/presence";
import { Sheet } from "../ui/sheet";
import { Strip } from "../ui/strip";
import { DataTable } from "../ui/table";
import { Segments } from "../ui/tabs";
import { StateChip, Thread, type ThreadState } from "../ui/thread";
import { Timer } from "../ui/timer";
import { WorkList } from "../ui/work-list";
import { open } from "./page";

const STATES: readonly ThreadState[] = [
  "offered", "connecting", "ringing", "talking", "held", "consulting", "wrapping", "parked", "failed", "good", "near", "over", "away", "idle",
];
const sheet = signal(false);
const start = serverTime();
const offer = {
  key: "1", channel: "voice", what: "Tawaran Suara", who: "0812••••3391", topic: "Perihal Pelaporan LKPM · Indonesia", waitedMs: 198_000,
  why: { rule: "contact_searched", waited_ms: 198_000, eligible: 4 }, since: start, until: start + 20_000, past: "3 kontak sebelumnya, terakhir 24 Nov",
  accepted: false,
} as const;
const rows = [
  { id: "wa", name: "WhatsApp", waiting: 11 }, { id: "v", name: "Suara 169", waiting: 3 }, { id: "e", name: "Email", waiting: 38 },
];
const messages = [
  { id: "0", at: start, from: "system", author: "", text: "Dialihkan dari Suara 169 · 10.29" },
  { id: "1", at: start, from: "customer", author: "Ibu Sari", text: "Selamat pagi. Persyaratan sertifikat standar ditolak terus." },
  { id: "2", at: start, from: "us", author: "Rina", text: "Selamat pagi, Ibu Sari. Boleh saya minta NIB?", delivery: "read" },
  { id: "3", at: start, from: "note", author: "Dimas", text: "Luas di Pasal 4 dan lampiran berbeda." },
  { id: "4", at: start, from: "us", author: "Rina", text: "Mohon disamakan.", delivery: "failed", problem: "Jendela 24 jam habis." },
] as const;

function Components() {
  return (
    <main id="main" style={{ height: "100%", overflow: "auto", padding: "24px", display: "grid", gap: "20px", alignContent: "start" }}>
      <div class="row">
        <h1>Komponen</h1>
        <Segments label="Tema" options={[{ id: "light", label: "Terang" }, { id: "dark", label: "Gelap" }, { id: "system", label: "Sistem" }]} chosen={theme.value} onChoose={chooseTheme} />
        <Segments label="Bahasa" options={[{ id: "id", label: "ID" }, { id: "en", label: "EN" }]} chosen={language.value} onChoose={chooseLanguage} />
      </div>
      <div class="row" style={{ flexWrap: "wrap", height: "64px" }}>
        {STATES.map((state) => <span class="row" key={state} style={{ height: "30px" }}><Thread state={state} /><StateChip state={state} icon="phone">{state}</StateChip></span>)}
      </div>
      <div class="row" style={{ flexWrap: "wrap" }}>
        {(["plain", "primary", "go", "end", "quiet"] as const).map((kind) => <Button key={kind} kind={kind} icon="check" keys="F7">{kind}</Button>)}
        <Button reason="Tidak ada yang dipilih">Nonaktif</Button>
        <Button icon="x" name="Tutup" />
        <Button onPress={() => new Promise((done) => setTimeout(done, 3_000))}>Lama</Button>
        <Button onPress={() => { sheet.value = true; }}>Lembar</Button>
        <Timer since={start - 65_000} warnAt={60_000} /><Timer until={start + 90_000} />
      </div>
      <Presence kind="ready" word="Siap" since={start - 4_000_000} groups={[{ label: "Jeda sekarang", choices: [{ id: "a", label: "Rapat" }] }]} onChoose={() => undefined} />
      <Strip kind="info">Sekadar kabar</Strip>
      <Strip kind="warning" action={<Button size="small">Coba lagi</Button>}>Terputus dari server 0:07, menyambung lagi.</Strip>
      <Strip kind="failure">Telepon peramban terputus.</Strip>
      <div style={{ display: "grid", gridTemplateColumns: "292px 1fr 344px", gap: "16px", alignItems: "start" }}>
        <div class="work">
          <WorkList
            items={[{ id: "1", href: "#", channel: "voice", name: "0812••••3391", state: "talking", stateWord: "Bicara", stateIcon: "phone", line: "Pelaporan LKPM", time: <Timer since={start - 90_000} /> }]}
            parked={[{ id: "2", href: "#", channel: "email", name: "CV Karya Mandiri", state: "parked", stateWord: "Tunda", stateIcon: "player-pause", line: "Menunggu akta", draft: true }]}
            selected="1" load={100} offered={50} onSelect={() => undefined}
            slot={<OfferCard offer={offer} acceptKey="F2" skipKey="F4" onAccept={() => undefined} onSkip={() => undefined} />}
          />
        </div>
        <div class="contact" style={{ height: "520px" }}>
          <CallBar
            muted={false} held keys={{ mute: "Alt+KeyM", hold: "Alt+KeyH", keypad: "Alt+KeyD", transfer: "F7" }} offline={null} consulting={false}
            onMute={() => undefined} onHold={() => undefined} onKeypad={() => undefined} onTransfer={() => undefined} onDevices={() => undefined} onHangUp={() => undefined}
          />
          <Conversation label="Percakapan" messages={messages} draft="" to="Ibu Sari" onDraft={() => undefined} onSend={() => undefined} onCanned={() => undefined} />
        </div>
        <div class="stack">
          <Meter value={71} target={85} label="Tingkat layanan" text="71 dari 85 persen" />
          <Combobox label="Pilih" items={rows.map((row) => ({ id: row.id, label: row.name, group: "Antrean" }))} onPick={() => undefined} />
          <DataTable
            label="Antrean" rows={rows} rowKey={(row) => row.id} sort={{ column: "waiting", down: true }} onSort={() => undefined}
            columns={[{ id: "name", label: "Antrean", cell: (row) => row.name, heading: true }, { id: "waiting", label: "Menunggu", number: true, cell: (row) => row.waiting, order: (a, b) => a.waiting - b.waiting }]}
          />
        </div>
      </div>
      {sheet.value && <Sheet title="Akhiri panggilan?" onClose={() => { sheet.value = false; }} footer={<Button kind="end" first>Akhiri</Button>}><p>Isi</p></Sheet>}
    </main>
  );
}

open(Components);
