// SPDX-License-Identifier: Apache-2.0
// gitops bootstrap git, gitops bootstrap fs: keeps a cluster as a repository says, from here or,
// with -cluster, by whoever leads it. Flags are those of the operator of seed 4.
#include <unistd.h>

#include <filesystem>

#include "base/text.hpp"
#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "gitops/operator.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/processes.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

using namespace std::chrono_literals;

constexpr int attempts_max = 20;

/// The API as the rest of the command line asks it: each call blocks.
class ClientApi : public gitops::Api {
 public:
  explicit ClientApi(Client& client) : client_(client) {}
  io::Task<base::Result<gitops::Reply>> ask(std::string method, std::string target,
                                            std::string body) override {
    co_return answer(method, target, std::move(body));
  }

 private:
  base::Result<gitops::Reply> answer(const std::string& method, const std::string& target,
                                     std::string body) {
    const std::size_t question = target.find('?');
    Params params;
    if (question != std::string::npos) {
      TRY(const http::Query query, http::Query::parse(target.substr(question + 1)));
      for (const auto& [name, value] : query)
        params.emplace_back(name, value);
    }
    const std::string path = target.substr(0, question);
    base::Result<Reply> reply = client_.send_text(method, path, std::move(body), std::move(params));
    if (reply) return gitops::Reply{200, std::move(reply->text)};
    switch (reply.error().code) {
      case base::Code::invalid:
        return gitops::Reply{400, reply.error().message};
      case base::Code::denied:
        return gitops::Reply{403, reply.error().message};
      case base::Code::not_found:
        return gitops::Reply{404, reply.error().message};
      case base::Code::conflict:
        return gitops::Reply{409, reply.error().message};
      default:
        return std::unexpected(reply.error());
    }
  }

  Client& client_;
};

/// A folder for the repository, gone with the command.
class Scratch {
 public:
  Scratch() {
    std::string name = std::filesystem::temp_directory_path().string() + "/caravan-gitops-XXXXXX";
    if (::mkdtemp(name.data())) path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::map<std::string, std::string> items_of(const Context& context) {
  std::map<std::string, std::string> items;
  for (const auto& [flag, key] : {std::pair("url", "url"),
                                  {"branch", "branch"},
                                  {"path", "path"},
                                  {"var-path", "var_path"},
                                  {"username", "username"},
                                  {"password", "password"},
                                  {"ssh-key", "ssh_key"},
                                  {"known-hosts", "known_hosts"},
                                  {"interval", "interval"}})
    if (context.flags.given(flag)) items[key] = context.flags.text(flag);
  if (context.flags.on("ssh-insecure-ignore-host-key")) items["any_host_key"] = "true";
  return items;
}

/// What a file of this machine holds goes to the cluster as text.
base::Status bring_files(std::map<std::string, std::string>& items) {
  for (const char* key : {"ssh_key", "known_hosts"}) {
    const auto found = items.find(key);
    if (found == items.end() || !found->second.starts_with('/')) continue;
    TRY(found->second, io::linux_world::Disk().read_file(found->second));
  }
  return {};
}

int hand_over(Context& context, std::map<std::string, std::string> items) {
  if (const base::Status read = bring_files(items); !read) return context.fail("Error", read.error());
  if (!context.api().settings().token.empty()) items["token"] = context.api().settings().token;
  json::Object fields;
  for (auto& [key, value] : items)
    fields[key] = std::move(value);
  const json::Object body{{"Namespace", "default"},
                          {"Path", gitops::settings_variable},
                          {"Items", std::move(fields)}};
  const std::string target = std::string("/v1/var/") + gitops::settings_variable;
  base::Result<Reply> done = base::fail(base::Code::timeout, "");
  for (int attempt = 0; attempt < attempts_max && !done; ++attempt) {
    if (attempt > 0) pause(1s);
    done = context.api().send("PUT", target, body, {{"namespace", "default"}});
    // A cluster that has just begun makes its keys first.
    if (!done && done.error().message.find("no root key yet") == std::string::npos) break;
  }
  if (!done) return context.fail("Error writing the variable", done.error());
  context.out(std::string("The leader follows it from now on, as the variable \"") +
              gitops::settings_variable + "\" says; see gitops status.");
  return 0;
}

/// One cycle, or one after the other.
int keep(Context& context, gitops::Settings settings, bool watch) {
  io::linux_world::Disk disk;
  io::linux_world::Processes processes;
  io::linux_world::Clock clock;
  const Scratch scratch;
  if (scratch.path().empty())
    return context.fail("Error", {base::Code::io, "no folder can be made for the repository"});
  auto source = settings.url.empty()
                    ? gitops::make_folder_source(disk, settings)
                    : gitops::make_git_source(disk, processes, settings, scratch.path());
  ClientApi api(context.api());
  const base::Duration interval = settings.interval;
  gitops::Operator op(std::move(settings), std::move(source), api, clock,
                      [&](const std::string& line) { context.out(line); });
  while (true) {
    const gitops::Report report = wait_for(op.run_once());
    if (!watch) return report.problems.empty() ? 0 : 1;
    pause(interval);
  }
}

base::Result<bool> switch_of(const Context& context, const char* flag, bool otherwise) {
  if (!context.flags.given(flag)) return otherwise;
  const std::string text = context.flags.text(flag);
  if (text.empty() || text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return base::invalid(std::string("-") + flag + ": true or false");
}

int begin(Context& context, std::map<std::string, std::string> items, bool watches, bool prunes) {
  const base::Result<bool> watch = switch_of(context, "watch", watches);
  const base::Result<bool> prune = switch_of(context, "delete", prunes);
  if (!watch) return context.fail("Error", watch.error());
  if (!prune) return context.fail("Error", prune.error());
  items["delete"] = *prune ? "true" : "false";
  base::Result<gitops::Settings> settings = gitops::settings_from(items);
  if (!settings) return context.fail("Error", settings.error());
  if (context.flags.on("cluster")) return hand_over(context, std::move(items));
  return keep(context, *std::move(settings), *watch);
}

int run_git(Context& context) { return begin(context, items_of(context), true, true); }

int run_fs(Context& context) {
  std::map<std::string, std::string> items = items_of(context);
  std::error_code error;
  const std::string base = context.flags.text("base-dir", ".");
  items["folder"] = std::filesystem::absolute(base, error).lexically_normal().string();
  while (items["folder"].size() > 1 && items["folder"].ends_with('/'))
    items["folder"].pop_back();
  if (!context.words.empty()) items["path"] = context.words[0];
  return begin(context, std::move(items), false, false);
}

const std::vector<FlagSpec> common_flags = {
    {"path", "pattern", "Which files are jobs; **/*.nomad without it."},
    {"var-path", "pattern", "Which files are variables; **/*.vars.yml without it."},
    {"interval", "duration", "Between two looks; 30s without it."},
    {"watch", "bool", "Goes on looking."},
    {"delete", "bool", "Ends jobs and variables of its own that are no longer there."}};

}  // namespace

Command gitops_bootstrap_git_command() {
  std::vector<FlagSpec> flags = common_flags;
  for (FlagSpec flag : std::initializer_list<FlagSpec>{
           {"url", "url", "Of the repository."},
           {"branch", "name", "Of the repository; main without it."},
           {"username", "name", "Over http."},
           {"password", "secret", "Over http: a password or a token."},
           {"ssh-key", "path", "A private key, over ssh."},
           {"known-hosts", "path", "The hosts that are believed, over ssh."},
           {"ssh-insecure-ignore-host-key", "", "Believes any host, over ssh."},
           {"cluster", "", "Has the leader follow it, instead of this command."}})
    flags.push_back(std::move(flag));
  return {.name = "gitops bootstrap git",
          .synopsis = "Keep the cluster as a git repository says",
          .usage = "[options]",
          .help = "Registers the jobs and writes the variables that stand in a repository, again\n"
                  "and again, and ends those of its own that are no longer there. With -cluster\n"
                  "the cluster's leader does so, and this command only says what to follow.",
          .flags = std::move(flags),
          .takes = "no arguments",
          .run = run_git};
}

Command gitops_bootstrap_fs_command() {
  std::vector<FlagSpec> flags = common_flags;
  flags.push_back({"base-dir", "folder", "Where the patterns begin; the current one without it."});
  return {.name = "gitops bootstrap fs",
          .synopsis = "Make the cluster what a folder says",
          .usage = "[options] [pattern]",
          .help = "Registers the jobs and writes the variables that stand in a folder; with\n"
                  "-watch again and again, with -delete it ends those of its own that are no\n"
                  "longer there.",
          .flags = std::move(flags),
          .words_max = 1,
          .takes = "at most one argument: [pattern]",
          .run = run_fs};
}

}  // namespace caravan::cli
