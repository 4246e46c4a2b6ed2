import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../lib/api";
import { now } from "../lib/clock";
import { fits } from "../lib/search";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Strip } from "../ui/strip";
import { type Column, DataTable, type Sort } from "../ui/table";
import { AccountSheet } from "./account";
import { fileOf, spoken } from "./file";
import { moment } from "./history";
import type { Account } from "./model";
import { people } from "./people";

type Only = "all" | Account["roles"][number] | "disabled";
const ROLES = ["agent", "leader", "qa", "supervisor", "admin"] as const;

/** Who may sign in, as what. */
export function UsersPage() {
  const accounts = useSignal<readonly Account[] | null>(null);
  const fault = useSignal<string | null>(null);
  const search = useSignal("");
  const only = useSignal<Only>("all");
  const sort = useSignal<Sort>({ column: "name", down: false });
  const open = useSignal<Account | "new" | null>(null);
  const load = async (): Promise<void> => {
    try {
      accounts.value = await ask<readonly Account[]>("/admin/users");
      fault.value = null;
    } catch (error) {
      fault.value = spoken(error);
    }
  };
  useEffect(() => {
    void load();
    void fileOf("agents").load();
  }, []);
  const shown = (accounts.value ?? []).filter((each) =>
    fits(search.value, each.name, each.display, each.agent ?? "")
    && (only.value === "all" || (only.value === "disabled" ? each.disabled : each.roles.includes(only.value))));
  return (
    <div class="file-page">
      <header class="page-head">
        <div class="row wrap"><h1>{say("section_users")}</h1><span class="grow" />
          <Button kind="primary" icon="user-plus" popup="dialog" onPress={() => { open.value = "new"; }}>{say("account_add")}</Button>
        </div>
        <p class="muted">{say("users_intro")}</p>
      </header>
      {fault.value !== null && <Strip kind="failure" action={<Button size="small" onPress={load}>{common("retry")}</Button>}>{fault.value}</Strip>}
      <div class="tools">
        <input class="input" type="search" aria-label={say("users_search")} placeholder={say("users_search")} value={search.value} onInput={(event) => { search.value = event.currentTarget.value; }} />
        <select class="input" aria-label={say("users_only")} value={only.value} onChange={(event) => { only.value = event.currentTarget.value as Only; }}>
          <option value="all">{say("users_all", { count: accounts.value?.length ?? "–" })}</option>
          {ROLES.map((each) => <option key={each} value={each}>{say(`role_${each}`)}</option>)}
          <option value="disabled">{say("disabled")}</option>
        </select>
      </div>
      <div class="scrolled pad-side">
        <div class="box">
          <DataTable
            label={say("section_users")} columns={columns((account) => { open.value = account; })} rows={shown} rowKey={(each) => each.name} sort={sort.value}
            onSort={(to) => { sort.value = to; }} onSelect={(account) => { open.value = account; }}
            empty={accounts.value === null ? (fault.value === null ? say("loading") : "–") : say("users_none")}
          />
        </div>
      </div>
      {open.value !== null && (
        <AccountSheet
          account={open.value === "new" ? null : accounts.value?.find((each) => open.value !== "new" && each.name === open.value?.name) ?? open.value}
          agents={people(fileOf("agents").before.value)} onChanged={load} onClose={() => { open.value = null; }}
        />
      )}
    </div>
  );
}

function columns(open: (account: Account) => void): readonly Column<Account>[] {
  const by = (of: (account: Account) => string) => (a: Account, b: Account): number => of(a).localeCompare(of(b), "id");
  return [
    {
      id: "name", label: say("account_name"), heading: true, order: by((each) => each.name),
      cell: (each) => (
        <button
          type="button" class="row-name" aria-haspopup="dialog"
          onClick={(event) => {
            event.stopPropagation();
            open(each);
          }}
        >
          <bdi>{each.name}</bdi>
        </button>
      ),
    },
    { id: "display", label: say("account_display"), order: by((each) => each.display), cell: (each) => <span class="clamp"><bdi>{each.display || "–"}</bdi></span> },
    { id: "role", label: say("account_role"), order: by((each) => each.roles[0] ?? ""), cell: (each) => each.roles.map((role) => say(`role_${role}`)).join(", ") },
    { id: "agent", label: say("account_agent"), order: by((each) => each.agent ?? ""), cell: (each) => each.agent ?? "–" },
    { id: "totp", label: say("account_totp"), cell: (each) => say(each.totp ? "totp_on" : "totp_off") },
    {
      id: "seen", label: say("account_seen"), order: (a, b) => (a.last_seen ?? 0) - (b.last_seen ?? 0),
      cell: (each) => (each.last_seen === null ? "–" : now.value - each.last_seen < 60_000 ? say("just_now") : moment(each.last_seen)),
    },
    { id: "state", label: say("state"), cell: (each) => <span class={`chip ${each.disabled ? "failed" : "good"}`}>{say(each.disabled ? "disabled" : "enabled")}</span> },
  ];
}
