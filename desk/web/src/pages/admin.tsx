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
import { listFault, listed, loadList } from "../admin/list";
import { FileChoice, MenuText } from "../admin/menus";
import { Nav } from "../admin/nav";
import { ProfilesForm } from "../admin/profiles";
import { PromptsForm } from "../admin/prompts";
import { QueuesForm } from "../admin/queues";
import { ReasonsForm } from "../admin/reasons";
import { save } from "../admin/save-bar";
import { ScriptText, scriptName } from "../admin/scripts";
import { FOLDERS, type Section, type SectionId, type Tab, where } from "../admin/sections";
import { UsersPage } from "../admin/users";
import { language } from "../lib/i18n";
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
  if (section.id === "naskah") return <Scripts tab={tab} />;
  const Form = FORMS[section.id];
  const intro = `intro_${section.id as Exclude<SectionId, "" | "pengguna" | "menu" | "naskah">}` as const;
  return (
    <FilePage
      key={section.id} id={section.file ?? section.id} section={section.id} tab={tab} title={say(section.label)} intro={say(intro)}
      {...(Form ? { form: (file: CentreFile) => <Form file={file} /> } : {})}
    />
  );
}

const menuName = (id: string): string => id.replace(/^ivr\//, "");

/** The files of a part that keeps several, and which of them is open. */
function useFolder(section: keyof typeof FOLDERS) {
  useEffect(() => void loadList(), []);
  const { folder, chosen } = FOLDERS[section];
  const files = (listed.value ?? []).filter((each) => each.id.startsWith(folder));
  // Of scripts, the first in the language of the screen.
  const first = files.find((each) => each.id.endsWith(`.${language.value}`)) ?? files[0];
  const id = files.some((each) => each.id === chosen.value) ? chosen.value : first?.id ?? chosen.value;
  useEffect(() => { chosen.value = id; }, [id]);
  return { files, id, onChoose: (picked: string) => { chosen.value = picked; } };
}

function Menus({ tab }: { readonly tab: Tab }) {
  const { files, id, onChoose } = useFolder("menu");
  return (
    <FilePage
      key={id} id={id} section="menu" tab={tab === "formulir" ? "teks" : tab} title={say("section_menus")} intro={say("intro_menu")}
      text={(file) => <MenuText file={file} label={menuName(id)} />}
      extra={files.length > 1 && <FileChoice label={say("menu")} files={files} nameOf={menuName} chosen={id} onChoose={onChoose} />}
    />
  );
}

function Scripts({ tab }: { readonly tab: Tab }) {
  const { files, id, onChoose } = useFolder("naskah");
  // Which scripts there are is known only from the list.
  if (id === "") return <div class="empty"><p>{listFault.value ?? say(listed.value === null ? "loading" : "scripts_none")}</p></div>;
  return (
    <FilePage
      key={id} id={id} section="naskah" tab={tab === "formulir" ? "teks" : tab} title={say("section_scripts")} intro={say("intro_scripts")}
      text={(file) => <ScriptText file={file} />}
      extra={<FileChoice label={say("script")} files={files} nameOf={scriptName} chosen={id} onChoose={onChoose} />}
    />
  );
}

function here(): CentreFile | null {
  const { section } = where();
  const id = section && section.id in FOLDERS ? FOLDERS[section.id as keyof typeof FOLDERS].chosen.peek() : section?.file;
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
