// SPDX-License-Identifier: Apache-2.0
#include "gitops/git.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::gitops {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration git_timeout = 300s;
constexpr std::size_t words_max = 64 * 1024;
constexpr std::size_t list_bytes_max = 32 << 20;
constexpr std::size_t read_bytes_max = 80 << 20;
/// In blocks of 512 bytes: no file of the repository on disk grows beyond 512 MiB.
constexpr const char* limits = "ulimit -f 1048576; ulimit -t 300; exec \"$@\"";
constexpr const char* kept_ref = "refs/caravan/last";

/// Git names the URL, and whoever wrote the password into it.
std::string without(std::string text, const std::string& secret) {
  for (std::size_t at; !secret.empty() && (at = text.find(secret)) != std::string::npos;)
    text.replace(at, secret.size(), "…");
  return text;
}

bool is_commit(std::string_view text) {
  return text.size() >= 40 && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

Git::Git(io::Disk& disk, io::Processes& processes, const Settings& settings, std::string folder)
    : disk_(disk),
      processes_(processes),
      settings_(settings),
      folder_(std::move(folder)),
      repository_(folder_ + "/repository.git") {}

std::vector<std::string> Git::environment() const {
  std::vector<std::string> env = {
      "PATH=/usr/local/bin:/usr/bin:/bin",  "HOME=" + folder_,        "LC_ALL=C",
      "GIT_CONFIG_NOSYSTEM=1",              "GIT_TERMINAL_PROMPT=0",  "GIT_ASKPASS=/bin/false",
      "GIT_CONFIG_GLOBAL=/dev/null",        "SSH_ASKPASS=/bin/false", "GIT_NO_REPLACE_OBJECTS=1",
      "GIT_ALLOW_PROTOCOL=http:https:ssh:git:file"};
  if (!ssh_.empty()) env.push_back("GIT_SSH_COMMAND=" + ssh_);
  std::vector<std::pair<std::string, std::string>> config = {
      {"core.hooksPath", "/dev/null"}, {"fetch.fsckObjects", "true"},
      {"credential.helper", ""},       {"http.followRedirects", "initial"},
      {"safe.directory", "*"},         {"gc.autoDetach", "false"},
      {"protocol.ext.allow", "never"}, {"core.bigFileThreshold", "16m"}};
  if (!settings_.password.empty() && settings_.url.starts_with("http")) {
    const std::string user = settings_.username.empty() ? "git" : settings_.username;
    const std::string proof = base::base64_encode(user + ":" + settings_.password);
    config.emplace_back("http.extraHeader", "Authorization: Basic " + proof);
  }
  env.push_back(fmt::format("GIT_CONFIG_COUNT={}", config.size()));
  for (std::size_t i = 0; i < config.size(); ++i) {
    env.push_back(fmt::format("GIT_CONFIG_KEY_{}={}", i, config[i].first));
    env.push_back(fmt::format("GIT_CONFIG_VALUE_{}={}", i, config[i].second));
  }
  return env;
}

io::Task<base::Result<std::string>> Git::run(std::vector<std::string> arguments, std::string input,
                                             std::size_t output_max) {
  io::Program program;
  program.argv = {"/bin/sh", "-c", limits, "sh", "git"};
  program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
  program.env = environment();
  program.dir = folder_;
  CO_TRY(const io::Finished done,
         co_await processes_.run(program, std::move(input), git_timeout, output_max));
  if (done.exit_code == 0) co_return done.out;
  if (done.exit_code == 127)
    co_return base::fail(base::Code::io, "the program git is not there: install it (apt install git)");
  std::string words(base::trim(done.err.substr(0, words_max)));
  if (words.empty()) words = fmt::format("ended with code {}", done.exit_code);
  words = without(without(std::move(words), settings_.password), settings_.url);
  co_return base::fail(base::Code::io, "git " + arguments.front() + ": " + words);
}

/// A key is a file of its own, or was given as text and becomes one.
base::Result<std::string> Git::key_file(const std::string& name, const std::string& value) {
  if (value.starts_with('/')) return value;
  const std::string path = folder_ + "/" + name;
  const std::string text = value.ends_with('\n') ? value : value + "\n";
  TRY_VOID(disk_.write_file(path, text, 0600, -1, -1));
  return path;
}

io::Task<base::Status> Git::prepare() {
  if (is_ready_) co_return base::Status();
  CO_TRY_VOID(disk_.make_dirs(folder_, 0700));
  ssh_ = "ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=15";
  if (settings_.any_host_key) {
    ssh_ += " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
  } else if (!settings_.known_hosts.empty()) {
    CO_TRY(const std::string path, key_file("known_hosts", settings_.known_hosts));
    ssh_ += " -o StrictHostKeyChecking=yes -o UserKnownHostsFile='" + path + "'";
  } else {
    ssh_ += " -o StrictHostKeyChecking=yes";
  }
  if (!settings_.ssh_key.empty()) {
    CO_TRY(const std::string path, key_file("ssh_key", settings_.ssh_key));
    ssh_ += " -o IdentitiesOnly=yes -i '" + path + "'";
  }
  if (!disk_.exists(repository_ + "/HEAD")) {
    const std::vector<std::string> init = {"init", "--quiet", "--bare", repository_};
    CO_TRY_VOID(co_await run(init, "", words_max));
  }
  is_ready_ = true;
  co_return base::Status();
}

io::Task<base::Result<std::string>> Git::fetch() {
  CO_TRY_VOID(co_await prepare());
  // Of a plain path git would bring everything, whatever the depth.
  const std::string url = (settings_.url.starts_with('/') ? "file://" : "") + settings_.url;
  const std::string into = "+refs/heads/" + settings_.branch + ":" + kept_ref;
  const std::vector<std::string> arguments = {
      "-C", repository_, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules",
      "--no-write-fetch-head", "--", url, into};
  const base::Result<std::string> fetched = co_await run(arguments, "", words_max);
  if (!fetched) co_return std::unexpected(fetched.error());
  const std::string commit = co_await last();
  if (commit.empty()) co_return base::fail(base::Code::io, "git fetch brought no commit");
  co_return commit;
}

io::Task<std::string> Git::last() {
  if (!co_await prepare()) co_return "";
  const std::vector<std::string> arguments = {"-C", repository_, "rev-parse", "--verify", "--quiet",
                                              std::string(kept_ref) + "^{commit}"};
  const base::Result<std::string> found = co_await run(arguments, "", words_max);
  const std::string commit(found ? base::trim(*found) : "");
  co_return is_commit(commit) ? commit : "";
}

io::Task<base::Result<std::vector<Git::Entry>>> Git::list(std::string commit) {
  const std::vector<std::string> arguments = {"-C",      repository_, "ls-tree", "-r",
                                              "--long", "-z",        commit};
  CO_TRY(const std::string text, co_await run(arguments, "", list_bytes_max));
  if (text.size() >= list_bytes_max)
    co_return base::fail(base::Code::too_large, "the repository has too many files to list");
  std::vector<Entry> entries;
  std::string_view rest = text;
  while (!rest.empty()) {
    // "<mode> <type> <object> <size>\t<path>\0"
    const std::size_t tab = rest.find('\t'), end = rest.find('\0');
    if (tab == std::string_view::npos || end == std::string_view::npos || tab > end)
      co_return base::fail(base::Code::io, "git ls-tree said something that is not understood");
    std::vector<std::string> head;
    for (std::string& part : base::split(rest.substr(0, tab), ' '))
      if (!part.empty()) head.push_back(std::move(part));
    Entry entry;
    if (head.size() == 4) {
      entry.mode = head[0];
      entry.object = head[2];
      const auto size = base::parse_int(head[3]);
      entry.size = size && *size > 0 ? static_cast<std::uint64_t>(*size) : 0;
      entry.path = rest.substr(tab + 1, end - tab - 1);
      entries.push_back(std::move(entry));
    }
    rest.remove_prefix(end + 1);
  }
  co_return entries;
}

io::Task<base::Result<std::vector<std::string>>> Git::read(const std::vector<Entry>& entries) {
  std::string wanted;
  for (const Entry& entry : entries)
    wanted += entry.object + "\n";
  const std::vector<std::string> arguments = {"-C", repository_, "cat-file", "--batch"};
  CO_TRY(const std::string text, co_await run(arguments, std::move(wanted), read_bytes_max));
  std::vector<std::string> contents;
  std::string_view rest = text;
  for (const Entry& entry : entries) {
    // "<object> blob <size>\n<bytes>\n"
    const std::size_t line = rest.find('\n');
    const std::string head = fmt::format("{} blob {}", entry.object, entry.size);
    if (line == std::string_view::npos || rest.substr(0, line) != head ||
        rest.size() < line + 1 + entry.size + 1)
      co_return base::fail(base::Code::io, "git cannot read " + entry.path);
    contents.emplace_back(rest.substr(line + 1, entry.size));
    rest.remove_prefix(line + 1 + entry.size + 1);
  }
  co_return contents;
}

}  // namespace caravan::gitops
