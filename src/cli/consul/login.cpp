// SPDX-License-Identifier: Apache-2.0
// login, logout: a token for what somebody else signed.
#include <filesystem>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/consul/kv.hpp"
#include "cli/consul/verbs.hpp"
#include "cli/format.hpp"
#include "io/linux/disk.hpp"

namespace caravan::cli::consul {
namespace {

constexpr unsigned sink_mode = 0600;

int run_login(Context& context) {
  for (const char* flag : {"method", "bearer-token-file", "token-sink-file"})
    if (context.flags.text(flag).empty())
      return context.wrong_use(std::string("Missing required '-") + flag + "' flag");
  const base::Result<std::string> bearer = data_of("@" + context.flags.text("bearer-token-file"));
  if (!bearer) return context.fail("Error reading bearer token", bearer.error());
  const base::Result<Reply> reply = context.api().send(
      "POST", "/v1/acl/login",
      json::Object{{"AuthMethod", context.flags.text("method")},
                   {"BearerToken", std::string(base::trim(*bearer))}});
  if (!reply) return context.fail("Error logging in", reply.error());
  io::linux_world::Disk disk;
  const std::string sink = context.flags.text("token-sink-file");
  const std::string secret = text(reply->body, "SecretID");
  const base::Status kept =
      wait_for(disk.replace_file(std::filesystem::absolute(sink).string(), secret, sink_mode));
  disk.join();
  if (!kept) return context.fail("Error writing token to file sink", kept.error());
  return 0;
}

int run_logout(Context& context) {
  const base::Result<Reply> reply = context.api().send("POST", "/v1/acl/logout", nullptr);
  if (!reply) return context.fail("Error destroying token", reply.error());
  return 0;
}

}  // namespace

Command login_command() {
  return {.name = "login",
          .synopsis = "Log in by an auth method",
          .usage = "-method NAME -bearer-token-file FILE -token-sink-file FILE",
          .help = "Exchanges the token of an identity provider for one of the registry, and writes\n"
                  "that into a file which only its owner reads.",
          .flags = {{"method", "name", "The auth method."},
                    {"bearer-token-file", "path", "Where the provider's token is."},
                    {"token-sink-file", "path", "Where the token is written."}},
          .takes = "no arguments",
          .run = run_login};
}
Command logout_command() {
  return {.name = "logout",
          .synopsis = "Give the token of a login back",
          .usage = "[options]",
          .help = "Destroys the token that it is called with, if a login gave it.",
          .takes = "no arguments",
          .run = run_logout};
}

}  // namespace caravan::cli::consul
