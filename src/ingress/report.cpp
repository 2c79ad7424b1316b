// SPDX-License-Identifier: Apache-2.0
#include "ingress/report.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/placement.hpp"

namespace caravan::ingress {
namespace {

std::string destination(const Route& route, const Server& server) {
  const std::string at = endpoint_of(server.address, server.port);
  if (route.protocol != Protocol::http) return "tcp://" + at;
  return fmt::format("{}://{}/", route.treatment.to_tls ? "https" : "http", at);
}

std::string options(const Route& route) {
  const Treatment& t = route.treatment;
  std::vector<std::string> said;
  if (!t.strip.empty()) said.push_back("strip=" + base::join(t.strip, ","));
  if (!t.prepend.empty()) said.push_back("prepend=" + t.prepend);
  if (route.protocol == Protocol::tcp) said.push_back("proto=tcp");
  if (route.protocol == Protocol::sni) said.push_back("proto=tcp+sni");
  if (t.to_tls) said.push_back("proto=https");
  if (t.skips_verify) said.push_back("tlsskipverify=true");
  if (!t.host.empty()) said.push_back("host=" + t.host);
  if (t.redirect)
    said.push_back(fmt::format("redirect={},{}", t.redirect->status,
                               t.redirect->scheme.empty() ? t.redirect->location
                                                          : t.redirect->scheme));
  for (const std::string& network : t.allow)
    said.push_back("allow=ip:" + network);
  for (const std::string& network : t.deny)
    said.push_back("deny=ip:" + network);
  if (t.auth) said.push_back("auth=" + t.auth->realm);
  if (!route.register_as.empty()) said.push_back("register=" + route.register_as);
  return base::join(said, " ");
}

std::string escaped(std::string_view text) {
  std::string made;
  for (const char c : base::printable(text, 512)) switch (c) {
      case '&': made += "&amp;"; break;
      case '<': made += "&lt;"; break;
      case '>': made += "&gt;"; break;
      case '"': made += "&quot;"; break;
      case '\'': made += "&#39;"; break;
      default: made += c;
    }
  return made;
}

}  // namespace

json::Array routes_json(const RoutingTable& table) {
  json::Array rows;
  for (const Route& route : table.routes) {
    json::Array tags;
    for (const std::string& tag : route.tags)
      tags.push_back(tag);
    for (const Server& server : route.servers)
      rows.push_back(json::Object{{"service", route.service},
                                  {"host", route.host},
                                  {"path", route.path},
                                  {"src", route.source},
                                  {"dst", destination(route, server)},
                                  {"opts", options(route)},
                                  {"weight", server.share},
                                  {"tags", tags},
                                  {"cmd", "route add"},
                                  {"backend", route.id},
                                  {"tag", route.tag}});
  }
  return rows;
}

json::Array problems_json(const std::vector<Problem>& problems) {
  json::Array rows;
  for (const Problem& problem : problems)
    rows.push_back(json::Object{
        {"service", problem.service}, {"tag", problem.where}, {"error", problem.what}});
  return rows;
}

std::string routes_text(const RoutingTable& table) {
  std::string text;
  for (const Route& route : table.routes)
    for (const Server& server : route.servers) {
      text += fmt::format("route add {} {} {} weight {:.2f}", route.service, route.source,
                          destination(route, server), server.share);
      if (!route.tags.empty()) text += fmt::format(" tags \"{}\"", base::join(route.tags, ","));
      if (const std::string said = options(route); !said.empty())
        text += fmt::format(" opts \"{}\"", said);
      text += '\n';
    }
  return text;
}

std::string routes_page(const RoutingTable& table, const std::vector<Problem>& problems) {
  std::string page =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Routes</title>"
      "<meta name=\"viewport\" content=\"width=device-width\">"
      "<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}"
      "table{border-collapse:collapse}td,th{text-align:left;padding:.2rem 1rem .2rem 0}</style>"
      "<h1>Routes</h1>";
  if (!problems.empty()) {
    page += "<h2>Not routed</h2><table><tr><th>Service<th>Tag<th>Why</tr>";
    for (const Problem& p : problems)
      page += fmt::format("<tr><td>{}<td>{}<td>{}</tr>", escaped(p.service), escaped(p.where),
                          escaped(p.what));
    page += "</table>";
  }
  page += "<table><tr><th>Service<th>Source<th>Destination<th>Options<th>Weight</tr>";
  for (const Route& route : table.routes)
    for (const Server& server : route.servers)
      page += fmt::format("<tr><td>{}<td>{}<td>{}<td>{}<td>{:.2f}%</tr>", escaped(route.service),
                          escaped(route.source), escaped(destination(route, server)),
                          escaped(options(route)), 100 * server.share);
  return page + "</table></html>\n";
}

}  // namespace caravan::ingress
