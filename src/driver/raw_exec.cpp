// SPDX-License-Identifier: Apache-2.0
#include "driver/raw_exec.hpp"

#include <csignal>

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/config.hpp"
#include "driver/exec_session.hpp"
#include "io/task.hpp"

namespace caravan::driver {
namespace {

struct RawConfig {
  std::string command, work_dir;
  std::vector<std::string> args;
};

base::Result<RawConfig> read_raw(const json::Object& config) {
  ConfigReader reader(config);
  RawConfig raw;
  raw.command = reader.required_text("command");
  raw.args = reader.list("args");
  raw.work_dir = reader.text("work_dir");
  TRY_VOID(reader.finish());
  return raw;
}

}  // namespace

base::Result<std::pair<long, long>> user_ids(io::Disk& disk, const std::string& user) {
  if (const base::Result<long long> number = base::parse_int(user))
    return std::pair<long, long>(*number, *number);
  TRY(const std::string passwd, disk.read_file("/etc/passwd"));
  for (const std::string& line : base::split(passwd, '\n')) {
    const std::vector<std::string> fields = base::split(line, ':');
    if (fields.size() < 4 || fields[0] != user) continue;
    return std::pair<long, long>(base::parse_int(fields[2]).value_or(-1),
                                 base::parse_int(fields[3]).value_or(-1));
  }
  return base::invalid(
      fmt::format("user: there is no user \"{}\" on this node", base::printable(user, 64)));
}

io::Task<Fingerprint> RawExec::fingerprint() {
  Fingerprint print;
  print.detected = print.healthy = enabled_;
  print.description =
      enabled_ ? "Healthy"
               : "disabled; plugin \"raw_exec\" { config { enabled = true } } turns it on";
  if (enabled_) print.attributes["driver.raw_exec"] = "1";
  co_return print;
}

int RawExec::default_signal() const { return SIGINT; }

base::Status RawExec::validate(const json::Object& config) const {
  TRY_VOID(read_raw(config));
  return {};
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> RawExec::start(const TaskSpec& spec,
                                                                   const std::string& run) {
  CO_TRY(RawConfig config, read_raw(spec.config));
  Command command;
  command.argv.push_back(std::move(config.command));
  command.argv.insert(command.argv.end(), config.args.begin(), config.args.end());
  for (const auto& [key, value] : spec.env)
    command.env.push_back(key + "=" + value);
  command.dir = config.work_dir.empty() ? spec.task_dir : config.work_dir;
  command.network_namespace = spec.network_namespace;
  if (!spec.user.empty()) {
    CO_TRY(const auto ids, user_ids(supervisors_.disk(), spec.user));
    command.uid = ids.first;
    command.gid = ids.second;
  }
  co_return co_await supervisors_.start(spec, run, std::move(command));
}

io::Task<base::Result<std::unique_ptr<TaskHandle>>> RawExec::recover(const TaskSpec&,
                                                                     const std::string& run) {
  co_return co_await supervisors_.recover(run);
}

/// As the task is: its environment, folder and user. The shell finds the program, or says that
/// there is none.
io::Task<base::Result<int>> RawExec::exec(const TaskSpec& spec, const std::string&,
                                          const ExecSpec& what, ExecPipe& pipe) {
  CO_TRY(const RawConfig config, read_raw(spec.config));
  io::Program program;
  if (!spec.network_namespace.empty())
    program.argv = {"/usr/bin/nsenter", "--net=" + spec.network_namespace};
  if (!spec.user.empty()) {
    CO_TRY(const auto ids, user_ids(supervisors_.disk(), spec.user));
    for (const std::string& word :
         {std::string("/usr/bin/setpriv"), fmt::format("--reuid={}", ids.first),
          fmt::format("--regid={}", ids.second), std::string("--clear-groups")})
      program.argv.push_back(word);
  }
  for (const char* word : {"/bin/sh", "-c", "exec \"$@\"", "exec"})
    program.argv.push_back(word);
  program.argv.insert(program.argv.end(), what.command.begin(), what.command.end());
  for (const auto& [key, value] : spec.env)
    program.env.push_back(key + "=" + value);
  if (what.tty && !spec.env.contains("TERM")) program.env.push_back("TERM=xterm");
  program.dir = config.work_dir.empty() ? spec.task_dir : config.work_dir;
  co_return co_await run_session(supervisors_.world(), std::move(program), what.tty, pipe);
}

io::Task<base::Status> Driver::prepare(const TaskSpec&, const Tell&) { co_return base::Status(); }

io::Task<base::Result<int>> Driver::exec(const TaskSpec&, const std::string&, const ExecSpec&,
                                         ExecPipe&) {
  co_return base::fail(base::Code::unsupported,
                       fmt::format("driver {} cannot run commands in its tasks yet", name()));
}

}  // namespace caravan::driver
