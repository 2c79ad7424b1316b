// SPDX-License-Identifier: Apache-2.0
#include "client/node_service.hpp"

#include <filesystem>
#include <sys/stat.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "client/exec_pipe.hpp"
#include "client/host_report.hpp"
#include "client/log_files.hpp"
#include "client/log_follower.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

using boost::asio::experimental::awaitable_operators::operator||;

namespace fs = std::filesystem;

/// What shells answer when a command was found and could not be run.
constexpr int exit_when_not_run = 126;

std::string mode_text(mode_t mode) {
  std::string text = S_ISDIR(mode) ? "d" : S_ISLNK(mode) ? "L" : "-";
  for (int bit = 8; bit >= 0; --bit)
    text += (mode >> bit & 1) ? "xwr"[bit % 3] : '-';
  return text;
}

base::Result<json::Object> describe(const std::string& path, const std::string& name) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0)
    return base::fail(base::Code::not_found,
                      fmt::format("stat {}: no such file or directory", path));
  const base::Instant modified{std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 +
                               info.st_mtim.tv_nsec};
  return json::Object{{"Name", name},
                      {"IsDir", S_ISDIR(info.st_mode)},
                      {"Size", std::int64_t{info.st_size}},
                      {"FileMode", mode_text(info.st_mode)},
                      {"ModTime", base::format_rfc3339(modified)}};
}

}  // namespace

base::Result<AllocRunner*> NodeService::runner(const base::AllocId& id) {
  AllocRunner* found = client_.find(id);
  if (!found)
    return base::fail(base::Code::not_found,
                      fmt::format("Unknown allocation \"{}\"", id.to_string()));
  return found;
}

/// A file that a user named, inside the allocation, where no link leads out and no secret is read.
base::Result<std::string> NodeService::path_in(const wire::AllocRequest& request) {
  TRY(AllocRunner * alloc, runner(request.alloc_id));
  const std::string& root = alloc->dir().path();
  TRY(const std::string path, inside(root, request.argument));
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error),
                 real_root = fs::weakly_canonical(root, error);
  const std::string relative = real.lexically_relative(real_root).string();
  if (error || relative.starts_with("..")) return base::invalid("Path escapes the alloc directory");
  const std::vector<std::string> parts = base::split(relative, '/');
  if (parts.size() >= 2 && (parts[1] == "secrets" || parts[1] == "private"))
    return base::fail(base::Code::denied, fmt::format("Reading secret file prohibited: {}",
                                                      base::printable(request.argument, 128)));
  return path;
}

base::Result<std::string> NodeService::list_files(const wire::AllocRequest& request) {
  TRY(const std::string path, path_in(request));
  const base::Result<std::vector<io::FileInfo>> files = world_.disk.list(path);
  if (!files)
    return base::fail(base::Code::not_found,
                      fmt::format("open {}: no such file or directory", path));
  json::Array list;
  for (const io::FileInfo& file : *files) {
    base::Result<json::Object> entry = describe(path + "/" + file.name, file.name);
    if (entry) list.push_back(*std::move(entry));
  }
  return json::to_string(list);
}

base::Result<std::string> NodeService::stat_file(const wire::AllocRequest& request) {
  TRY(const std::string path, path_in(request));
  TRY(json::Object entry, describe(path, fs::path(path).filename().string()));
  if (!*entry["IsDir"].as_bool()) entry["ContentType"] = "text/plain; charset=utf-8";
  return json::to_string(entry);
}

io::Task<base::Result<std::string>> NodeService::call(const rpc::Caller&, std::string method,
                                                      std::string bytes) {
  if (method == "Node.Who")
    co_return wire::encode(
        wire::NodeHeartbeatRequest{client_.node().id, client_.node().secret_id, {}});
  if (method == "Node.ShowIdentity") {
    CO_TRY(json::Object claims, co_await client_.identity().claims());
    co_return json::to_string(json::Object{{"Claims", std::move(claims)}});
  }
  if (method == "Node.RenewIdentity") {
    CO_TRY_VOID(co_await client_.identity().renew());
    co_return "{}";
  }
  if (method == "Node.Stats") co_return co_await host_stats();
  if (method == "Agent.Host") co_return json::to_string(report_host(data_dir_));
  CO_TRY(const wire::AllocRequest request, wire::decode<wire::AllocRequest>(bytes));
  if (method == "Fs.List") co_return list_files(request);
  if (method == "Fs.Stat") co_return stat_file(request);
  if (method == "Alloc.Stats") co_return co_await stats(request);
  CO_TRY(AllocRunner * alloc, runner(request.alloc_id));
  if (method == "Alloc.Checks") co_return json::to_string(alloc->check_results());
  if (method == "Alloc.Collect") {
    CO_TRY_VOID(alloc->free_disk());
    co_return std::string();
  }
  if (method == "Alloc.Restart") {
    CO_TRY_VOID(co_await alloc->restart_tasks(request.task, request.all_tasks));
    co_return std::string();
  }
  if (method == "Alloc.Signal") {
    CO_TRY_VOID(co_await alloc->signal_tasks(request.task, request.argument));
    co_return std::string();
  }
  co_return base::fail(base::Code::unsupported,
                       fmt::format("nodes do not know the method {}", method));
}

io::Task<base::Status> NodeService::cat(const wire::AllocRequest& request, io::Stream& stream) {
  CO_TRY(const std::string path, path_in(request));
  if (fs::is_directory(path))
    co_return base::invalid(
        fmt::format("file \"{}\" is a directory", base::printable(request.argument, 128)));
  CO_TRY(const std::unique_ptr<io::File> file, world_.disk.open_to_read(path));
  CO_TRY(const std::uint64_t size, file->size());
  const auto asked = static_cast<std::uint64_t>(request.offset);
  std::uint64_t at = request.from_end ? size - std::min(size, asked) : asked;
  const std::string first = fmt::format("ok {}\n", request.argument);
  CO_TRY_VOID(co_await stream.write(first));
  std::uint64_t left =
      request.limit > 0 ? static_cast<std::uint64_t>(request.limit) : ~std::uint64_t{0};
  while (left > 0) {
    CO_TRY(std::string bytes, file->read_at(at, std::min<std::uint64_t>(left, log_read_bytes)));
    if (bytes.empty() && !request.follow) break;
    if (bytes.empty()) {
      co_await world_.clock.sleep(log_follow_look);
      continue;
    }
    at += bytes.size();
    left -= bytes.size();
    CO_TRY_VOID(co_await stream.write(bytes));
  }
  co_return base::Status();
}

io::Task<base::Status> NodeService::logs(const wire::AllocRequest& request, io::Stream& stream) {
  CO_TRY(AllocRunner * alloc, runner(request.alloc_id));
  if (!alloc->tasks().contains(request.task)) {
    co_return base::fail(base::Code::not_found, fmt::format("unknown task name \"{}\"",
                                                            base::printable(request.task, 128)));
  }
  if (alloc->tasks().at(request.task)->state().state == model::TaskRunState::pending &&
      alloc->tasks().at(request.task)->current_run().empty()) {
    co_return base::fail(
        base::Code::not_found,
        fmt::format("task \"{}\" not started yet. No logs available", request.task));
  }
  LogFiles files(world_.disk, alloc->dir().logs(), request.task + "." + request.stream + ".");
  files.seek(request.from_end, static_cast<std::uint64_t>(request.offset));
  const std::string first = fmt::format("ok {}\n", files.name());
  CO_TRY_VOID(co_await stream.write(first));
  while (true) {
    CO_TRY(const std::string bytes, files.next());
    if (!bytes.empty()) {
      CO_TRY_VOID(co_await stream.write(bytes));
      continue;
    }
    const AllocRunner* still = client_.find(request.alloc_id);
    if (!request.follow || !still || still->is_over()) co_return base::Status();
    co_await world_.clock.sleep(log_follow_look);
  }
}

io::Task<base::Status> NodeService::exec(const wire::AllocRequest& request, io::Stream& stream) {
  CO_TRY(AllocRunner * alloc, runner(request.alloc_id));
  const auto found = alloc->tasks().find(request.task);
  if (found == alloc->tasks().end()) {
    co_return base::fail(base::Code::not_found, fmt::format("unknown task name \"{}\"",
                                                            base::printable(request.task, 128)));
  }
  if (!found->second->is_running())
    co_return base::invalid(fmt::format("task \"{}\" is not running.", request.task));
  CO_TRY_VOID(co_await stream.write("ok exec\n"));
  StreamPipe pipe(stream, world_.executor.lane(io::Lane::client));
  driver::ExecSpec what{request.command, request.tty};
  const base::Result<int> code = co_await found->second->exec(std::move(what), pipe);
  if (code) co_return co_await pipe.write_exit(*code);
  CO_TRY_VOID(co_await pipe.write_output(true, code.error().message + "\n"));
  co_return co_await pipe.write_exit(exit_when_not_run);
}

io::Task<base::Status> NodeService::monitor(const std::string& text, io::Stream& stream) {
  if (!logs_) co_return base::fail(base::Code::unsupported, "this agent's log cannot be heard");
  CO_TRY(const LogWish wish, parse_wish(text));
  CO_TRY_VOID(co_await stream.write("ok \n"));
  LogFollower follower(*logs_, wish, world_.executor.lane(io::Lane::client));
  std::string nothing(1, '\0');
  while (true) {
    // Nobody says anything on this stream: whatever is read is its end, which a quiet log would not
    // notice.
    const auto raced = co_await (follower.next() || stream.read_some(nothing));
    if (raced.index() == 1) co_return base::Status();
    CO_TRY_VOID(co_await stream.write(std::get<0>(raced)));
  }
}

io::Task<base::Status> NodeService::stream(const rpc::Caller&, std::string method, std::string head,
                                           io::Stream& stream) {
  const bool is_monitor = method == "Agent.Monitor";
  const base::Result<wire::AllocRequest> request =
      is_monitor ? wire::AllocRequest() : wire::decode<wire::AllocRequest>(head);
  base::Status status =
      base::fail(base::Code::unsupported, fmt::format("nodes do not know the stream {}", method));
  if (!request)
    status = std::unexpected(request.error());
  else if (method == "Fs.Cat")
    status = co_await cat(*request, stream);
  else if (method == "Fs.Logs")
    status = co_await logs(*request, stream);
  else if (method == "Alloc.Exec")
    status = co_await exec(*request, stream);
  else if (is_monitor)
    status = co_await monitor(head, stream);
  if (!status) {
    const std::string line =
        fmt::format("error {} {}\n", static_cast<int>(status.error().code), status.error().message);
    (void)co_await stream.write(line);  // after the first line it is only the end that counts
  }
  co_return base::Status();
}

}  // namespace caravan::client
