// SPDX-License-Identifier: Apache-2.0
// services register, deregister.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/consul/service_file.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"

namespace caravan::cli::consul {
namespace {

/// What the flags say of one service. Errors: invalid.
base::Result<json::Object> from_flags(const Flags& flags) {
  json::Object service{{"Name", flags.text("name")}};
  if (flags.given("id")) service["ID"] = flags.text("id");
  if (flags.given("address")) service["Address"] = flags.text("address");
  if (flags.given("port")) {
    const base::Result<long long> port = base::parse_int(flags.text("port"));
    if (!port) return base::invalid("-port: " + port.error().message);
    service["Port"] = static_cast<std::int64_t>(*port);
  }
  const std::vector<std::string> tags = flags.all("tag");
  if (!tags.empty()) service["Tags"] = json::Array(tags.begin(), tags.end());
  json::Object meta;
  for (const std::string& pair : flags.all("meta")) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos)
      return base::invalid(fmt::format("-meta: \"{}\" is no key=value", base::printable(pair, 80)));
    meta[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  if (!meta.empty()) service["Meta"] = std::move(meta);
  return service;
}

/// Of the flags, or of all files. Errors: invalid, those of files.
base::Result<std::vector<json::Object>> services_of(const Context& context) {
  std::vector<json::Object> all;
  if (context.words.empty()) {
    if (context.flags.text("name").empty())
      return base::invalid("Service registration requires at least one argument or flags");
    TRY(json::Object service, from_flags(context.flags));
    all.push_back(std::move(service));
  }
  for (const std::string& path : context.words) {
    TRY(const std::vector<json::Object> read, read_services(path));
    all.insert(all.end(), read.begin(), read.end());
  }
  return all;
}

std::string id_of(const json::Object& service) {
  const json::Value value(service);
  const std::string id = text(value, "ID");
  return id.empty() ? text(value, "Name") : id;
}

int run_register(Context& context) {
  const base::Result<std::vector<json::Object>> services = services_of(context);
  if (!services) return context.fail("Error", services.error());
  for (const json::Object& service : *services) {
    const std::string name = text(json::Value(service), "Name");
    const base::Result<Reply> reply =
        context.api().send("PUT", "/v1/agent/service/register", service);
    if (!reply)
      return context.fail(fmt::format("Error registering service \"{}\"", name), reply.error());
    context.out("Registered service: " + name);
  }
  return 0;
}

int run_deregister(Context& context) {
  std::vector<std::string> ids;
  if (context.words.empty()) {
    if (!context.flags.given("id"))
      return context.wrong_use(
          "Service deregistration requires at least one argument or flags: -id, or a file");
    ids.push_back(context.flags.text("id"));
  } else {
    const base::Result<std::vector<json::Object>> services = services_of(context);
    if (!services) return context.fail("Error", services.error());
    for (const json::Object& service : *services)
      ids.push_back(id_of(service));
  }
  for (const std::string& id : ids) {
    const base::Result<Reply> reply = context.api().send(
        "PUT", "/v1/agent/service/deregister/" + base::percent_encode(id), nullptr);
    if (!reply)
      return context.fail(fmt::format("Error deregistering service \"{}\"", id), reply.error());
    context.out("Deregistered service: " + id);
  }
  return 0;
}

}  // namespace

Command services_register_command() {
  return {.name = "services register",
          .synopsis = "Register services with the agent",
          .usage = "[options] [file...]",
          .help =
              "Registers the services of the files (HCL or JSON, with service or services), or\n"
              "the one that the flags describe.",
          .flags = {{"id", "id", "Its id. Default: its name."},
                    {"name", "name", "Its name."},
                    {"address", "address", "Where it is. Default: the agent's address."},
                    {"port", "number", "Its port."},
                    {"tag", "tag", "A tag. May be repeated."},
                    {"meta", "key=value", "Metadata. May be repeated."}},
          .words_max = 64,
          .takes = "files",
          .run = run_register};
}
Command services_deregister_command() {
  return {.name = "services deregister",
          .synopsis = "Take services from the agent",
          .usage = "[-id ID] [file...]",
          .help = "Takes the service with that id, or those of the files, from the agent.",
          .flags = {{"id", "id", "The id of the service."}},
          .words_max = 64,
          .takes = "files",
          .run = run_deregister};
}

}  // namespace caravan::cli::consul
