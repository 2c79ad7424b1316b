// SPDX-License-Identifier: Apache-2.0
// ingress routes: what the ingress of a machine does, and what it could not do.
#include <fmt/core.h>

#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* admin_default = "http://127.0.0.1:9998";

int show_errors(Context& context, const json::Value& found) {
  Rows rows = {{"Service", "Tag", "Why"}};
  for (const json::Value& problem : list(found))
    rows.push_back({text(problem, "service"), text(problem, "tag"), text(problem, "error")});
  context.out(rows.size() == 1 ? "Everything that tags ask for is routed" : table(rows));
  return 0;
}

int show_routes(Context& context, const json::Value& found) {
  Rows rows = {{"Service", "Source", "Destination", "Weight", "Options"}};
  for (const json::Value& route : list(found))
    rows.push_back({text(route, "service"), text(route, "src"), text(route, "dst"),
                    fmt::format("{:.1f}%", 100 * route.at("weight").number()),
                    text(route, "opts")});
  context.out(rows.size() == 1 ? "No routes" : table(rows));
  return 0;
}

int run(Context& context) {
  Settings settings;
  settings.address = context.flags.text("admin", env_or("CARAVAN_INGRESS_ADDR", admin_default));
  settings.address_words = "-admin or CARAVAN_INGRESS_ADDR";
  settings.port = 9998;
  base::Result<Client> client = Client::make(std::move(settings));
  if (!client) return context.fail("Error asking the ingress", client.error());
  const bool errors = context.flags.on("errors");
  const base::Result<Reply> reply = client->get(errors ? "/api/errors" : "/api/routes");
  if (!reply) return context.fail("Error asking the ingress", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  return errors ? show_errors(context, reply->body) : show_routes(context, reply->body);
}

}  // namespace

Command ingress_routes_command() {
  return {.name = "ingress routes",
          .synopsis = "Show the routes of an ingress, or what is not routed",
          .usage = "[options]",
          .help = "Lists the routes that an ingress has made of the tags of services, or with\n"
                  "-errors what is wrong with tags that it could not make routes of. It is asked\n"
                  "at its own port on its own machine, which serves everybody there.",
          .flags = {{"errors", "", "What could not be routed, and why."},
                    {"admin", "addr",
                     "The ingress: http://host:port. Also CARAVAN_INGRESS_ADDR.\nDefault = "
                     "http://127.0.0.1:9998"},
                    {"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
