// SPDX-License-Identifier: Apache-2.0
// The frame: navigation, keys, light and dark, and which page stands at an address.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { isRegistry, token } from "./api";
import { AllocationPage } from "./allocation";
import { Deployments } from "./deployments";
import { EvaluationPage, Evaluations } from "./evaluations";
import { JobPage, Jobs } from "./jobs";
import { Login } from "./login";
import { NodePage, Nodes, Topology } from "./nodes";
import { base, go, splitName, usePlace, type Place } from "./router";
import { ServiceList, ServicePage } from "./services";
import "./style.css";

const clusterPages: [string, string][] = [
  ["jobs", "Jobs"],
  ["services", "Services"],
  ["clients", "Nodes"],
  ["topology", "Topology"],
  ["deployments", "Deployments"],
  ["evaluations", "Evaluations"],
];
const pages = () => (isRegistry() ? clusterPages.filter(([path]) => path === "services") : clusterPages);

function Page({ place }: { place: Place }) {
  const [section = pages()[0][0], name] = place.parts;
  if (section === "settings") return <Login />;
  if (isRegistry() && section !== "services") return <ServiceList />;
  const [id, ns] = splitName(name ?? "");
  switch (section) {
    case "jobs":
      return name ? <JobPage key={name} id={id} ns={ns} /> : <Jobs />;
    case "allocations":
      return name ? <AllocationPage key={name} id={name} /> : <Topology />;
    case "clients":
      return name ? <NodePage key={name} id={name} /> : <Nodes />;
    case "topology":
      return <Topology />;
    case "deployments":
      return <Deployments />;
    case "services":
      return name ? <ServicePage key={name} name={id} ns={ns} /> : <ServiceList />;
    case "evaluations":
      return name ? <EvaluationPage key={name} id={name} /> : <Evaluations />;
    default:
      return (
        <>
          <h1>Nothing here</h1>
          <p>
            <a href={`${base}/`}>Begin at the top</a>
          </p>
        </>
      );
  }
}

const themes = ["system", "light", "dark"];

function useTheme(): [string, () => void] {
  const [theme, setTheme] = useState(localStorage.getItem("caravan-theme") ?? "system");
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    localStorage.setItem("caravan-theme", theme);
  }, [theme]);
  return [theme, () => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length])];
}

/// "/" goes to the search, a digit to a page, Escape out of a field.
function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const field = (event.target as Element).matches("input, textarea, select");
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "Escape" && field) (event.target as HTMLElement).blur();
      if (field || event.metaKey || event.ctrlKey || event.altKey) return;
      const page = pages()[Number(event.key) - 1];
      if (page) go(`${base}/${page[0]}`);
      if (event.key !== "/") return;
      event.preventDefault();
      document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function App() {
  const place = usePlace();
  const [theme, turn] = useTheme();
  useKeys();
  const section = place.parts[0] ?? pages()[0][0];
  useEffect(() => {
    document.title = `${place.parts.join(" · ") || "Caravan"} – Caravan`;
    document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [place]);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="top">
        <a class="brand" href={`${base}/`}>
          <img src="/ui/assets/icon.svg" alt="" width="24" height="24" /> Caravan
        </a>
        <nav aria-label="Pages">
          {pages().map(([path, name], i) => (
            <a key={path} href={`${base}/${path}`} aria-current={section === path ? "page" : undefined} title={`Key ${i + 1}`}>
              {name}
            </a>
          ))}
        </nav>
        <div class="tools">
          <button type="button" onClick={turn} title="Light or dark" aria-label={`Colours: ${theme}`}>
            {theme === "system" ? "◐" : theme === "light" ? "☀" : "☾"}
          </button>
          <a href={`${base}/settings/tokens`}>{token() ? "Token" : "Sign in"}</a>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Page place={place} />
      </main>
    </>
  );
}

render(<App />, document.getElementById("page")!);
