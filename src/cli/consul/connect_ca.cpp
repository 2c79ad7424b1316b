// SPDX-License-Identifier: Apache-2.0
// connect ca get-config, set-config.
#include "cli/consul/free_file.hpp"
#include "cli/consul/verbs.hpp"
#include "json/writer.hpp"

namespace caravan::cli::consul {
namespace {

constexpr const char* path = "/v1/connect/ca/configuration";

int run_get(Context& context) {
  const base::Result<Reply> reply = context.api().get(path);
  if (!reply) return context.fail("Error querying CA configuration", reply.error());
  context.out(json::to_pretty(reply->body));
  return 0;
}

int run_set(Context& context) {
  const std::string file = context.flags.text("config-file");
  if (file.empty()) return context.wrong_use("The -config-file flag is required");
  base::Result<json::Value> config = read_free_file(file);
  if (!config) return context.fail("Error reading config file", config.error());
  if (context.flags.on("force-without-cross-signing"))
    (*config->as_object())["ForceWithoutCrossSigning"] = true;
  const base::Result<Reply> reply = context.api().send("PUT", path, *config);
  if (!reply) return context.fail("Error setting CA configuration", reply.error());
  context.out("Configuration updated!");
  return 0;
}

}  // namespace

Command connect_ca_get_config_command() {
  return {.name = "connect ca get-config",
          .synopsis = "Show how the authority of the mesh is configured",
          .usage = "[options]",
          .help = "Shows the configuration of the authority of the service mesh as JSON.",
          .takes = "no arguments",
          .run = run_get};
}
Command connect_ca_set_config_command() {
  return {.name = "connect ca set-config",
          .synopsis = "Configure the authority of the mesh",
          .usage = "-config-file FILE",
          .help =
              "Configures the authority of the service mesh by a file (HCL or JSON) with Provider\n"
              "and Config. With another PrivateKey and RootCert in it the root is replaced.",
          .flags = {{"config-file", "path", "The file, or - for standard input."},
                    {"force-without-cross-signing", "",
                     "The root before does not vouch for the new one."}},
          .takes = "no arguments",
          .run = run_set};
}

}  // namespace caravan::cli::consul
