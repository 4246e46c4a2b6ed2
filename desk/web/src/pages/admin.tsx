import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/supervisor.css";
import "../styles/admin.css";

import { AgentsForm } from "../admin/agents";
import { CategoriesForm } from "../admin/categories";
import { CentreForm } from "../admin/centre";
import { ChangesPage } from "../admin/changes";
import { type CentreFile, fileOf, guard } from "../admin/file";
import { FilePage } from "../admin/file-page";
import { HoursForm } from "../admin/hours";
import { listed, loadList } from "../admin/list";
import { MenuChoice, MenuText } from "../admin/menus";
import { Nav } from "../admin/nav";
import { ProfilesForm } from "../admin/profiles";
import { PromptsForm } from "../admin/prompts";
import { QueuesForm } from "../admin/queues";
import { ReasonsForm } from "../admin/reasons";
import { save } from "../admin/save-bar";
import { type Section, type SectionId, type Tab, where } from "../admin/sections";
import { UsersPage } from "../admin/users";
import { type Action, actions, startKeys } from "../lib/keys";
import { enter, may } from "../lib/session";
import { problem } from "../lib/words";
import { Top } from "../supervisor/top";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { open } from "./page";

const failure = signal<string | null>(null);
const entered = signal(false);
const menu = signal("ivr/main");

const FORMS: Partial<Record<SectionId, (props: { readonly file: CentreFile }) => preact.JSX.Element>> = {
  antrean: QueuesForm, agen: AgentsForm, profil: ProfilesForm, keahlian: CentreForm, alasan: ReasonsForm, kategori: CategoriesForm,
  jam: HoursForm, ucapan: PromptsForm,
};

function Admin() {
  if (failure.value !== null) {
    return (
      <main id="main" class="alone" tabIndex={-1}>
        <Brand /><h1>{failure.value}</h1>
        <Button kind="primary" onPress={() => location.reload()}>{common("retry")}</Button>
      </main>
    );
  }
  if (entered.value && !may("administer")) {
    return (
      <main id="main" class="alone" tabIndex={-1}>
        <Brand /><h1>{say("forbidden_title")}</h1><p class="muted">{say("forbidden")}</p>
        <a class="button primary" href={may("contacts") ? "/pantau" : "/meja"}>{say(may("contacts") ? "to_watch" : "to_desk")}</a>
      </main>
    );
  }
  const { section, tab } = where();
  return (
    <div class="admin">
      <Top here="admin" />
      <Nav here={section} />
      <main id="main" tabIndex={-1} data-pane>{entered.value && <Content section={section} tab={tab} />}</main>
    </div>
  );
}

function Content({ section, tab }: { readonly section: Section | null; readonly tab: Tab }) {
  if (section === null) return <div class="empty"><h1>{say("no_page")}</h1></div>;
  if (section.id === "") return <ChangesPage />;
  if (section.id === "pengguna") return <UsersPage />;
  if (section.id === "menu") return <Menus tab={tab} />;
  const Form = FORMS[section.id];
  const intro = `intro_${section.id as Exclude<SectionId, "" | "pengguna" | "menu">}` as const;
  return (
    <FilePage
      key={section.id} id={section.file ?? section.id} section={section.id} tab={tab} title={say(section.label)} intro={say(intro)}
      {...(Form ? { form: (file: CentreFile) => <Form file={file} /> } : {})}
    />
  );
}

function Menus({ tab }: { readonly tab: Tab }) {
  useEffect(() => void loadList(), []);
  const menus = (listed.value ?? []).filter((each) => each.id.startsWith("ivr/"));
  const id = menus.some((each) => each.id === menu.value) ? menu.value : menus[0]?.id ?? menu.value;
  return (
    <FilePage
      key={id} id={id} section="menu" tab={tab === "formulir" ? "teks" : tab} title={say("section_menus")} intro={say("intro_menu")}
      text={(file) => <MenuText file={file} label={id.replace(/^ivr\//, "")} />}
      extra={menus.length > 1 && <MenuChoice menus={menus} chosen={id} onChoose={(chosen) => { menu.value = chosen; }} />}
    />
  );
}

function here(): CentreFile | null {
  const { section } = where();
  const id = section?.id === "menu" ? menu.peek() : section?.file;
  return id ? fileOf(id) : null;
}

const KEYS: readonly Action[] = [
  { id: "save", keys: "$mod+KeyS", label: say("key_save"), run: () => { const file = here(); if (file) void save(file); } },
];

async function start(): Promise<void> {
  open(Admin);
  try {
    if ((await enter()) === null) return;
  } catch (error) {
    failure.value = problem(error);
    return;
  }
  entered.value = true;
  if (!may("administer")) return;
  actions.value = KEYS;
  startKeys();
  guard();
}

void start();
