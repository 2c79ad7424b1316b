// SPDX-License-Identifier: Apache-2.0
#include "client/artifacts.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "client/artifact_source.hpp"

extern "C" const char caravan_fetch_begin[], caravan_fetch_end[];

namespace caravan::client {
namespace {

/// The program keeps the time of the download by itself; this much more for unpacking.
constexpr base::Duration unpack_timeout{1'800'000'000'000};
constexpr std::size_t message_bytes_max = 1024;
constexpr std::uint64_t ns_per_second = 1'000'000'000;

model::Artifact interpolated(const model::Artifact& artifact, const TaskEnv& env) {
  model::Artifact filled = artifact;
  filled.source = env.interpolate(artifact.source);
  filled.destination = env.interpolate(artifact.destination);
  for (auto* map : {&filled.options, &filled.headers}) {
    std::map<std::string, std::string> values;
    for (const auto& [key, value] : *map)
      values[env.interpolate(key)] = env.interpolate(value);
    *map = std::move(values);
  }
  return filled;
}

base::Result<fetch::Request> make_request(const FetchConfig& config,
                                          const model::Artifact& artifact, const std::string& task,
                                          std::size_t number, const AllocDir& dir) {
  TRY(fetch::Request request, fetch_request(artifact));
  TRY(const std::string destination, dir.resolve(task, request.destination));
  request.root = dir.path();
  request.destination = destination.substr(std::min(destination.size(), dir.path().size() + 1));
  request.staging = fmt::format("{}/.artifact-{}", task, number);
  request.seconds_max = static_cast<std::uint64_t>(config.timeout.count()) / ns_per_second;
  request.bytes_max = config.bytes_max;
  request.files_max = config.files_max;
  request.unpacked_bytes_max = config.unpacked_bytes_max;
  request.isolated = config.isolated;
  request.readable = config.readable;
  return request;
}

base::Error error_of(const io::Finished& finished) {
  const std::string words(base::trim(finished.err));
  const base::Code code =
      finished.exit_code == fetch::refused ? base::Code::invalid : base::Code::io;
  if (!words.empty()) return {code, words};
  return {code, fmt::format("caravan-fetch ended with code {}", finished.exit_code)};
}

io::Task<base::Status> fetch_one(io::World& world, const FetchConfig& config,
                                 const fetch::Request& request) {
  io::Program program;
  program.argv = {config.program};
  program.env = config.environment;
  program.dir = request.root;
  const base::Result<io::Finished> finished = co_await world.processes.run(
      program, fetch::encode(request), config.timeout + unpack_timeout, message_bytes_max);
  if (!finished) co_return std::unexpected(finished.error());
  if (finished->exit_code != fetch::fetched) co_return std::unexpected(error_of(*finished));
  co_return base::Status();
}

}  // namespace

io::Task<base::Status> fetch_artifacts(io::World& world, const FetchConfig& config,
                                       const model::Task& task, const TaskEnv& env,
                                       const AllocDir& dir, Owner owner) {
  for (std::size_t i = 0; i < task.artifacts.size(); ++i) {
    base::Result<fetch::Request> request =
        make_request(config, interpolated(task.artifacts[i], env), task.name, i, dir);
    base::Status done;
    if (!request) {
      done = std::unexpected(request.error());
    } else {
      if (task.artifacts[i].chown) {
        request->uid = owner.uid;
        request->gid = owner.gid;
      }
      done = co_await fetch_one(world, config, *request);
    }
    if (!done)
      co_return base::fail(done.error().code, fmt::format("failed to download artifact {}: {}", i,
                                                          done.error().message));
  }
  co_return base::Status();
}

io::Task<base::Status> install_fetch(io::Disk& disk, std::string path) {
  const std::string_view program(caravan_fetch_begin,
                                 static_cast<std::size_t>(caravan_fetch_end - caravan_fetch_begin));
  const base::Result<std::string> there = disk.read_file(path);
  if (there && *there == program) co_return base::Status();
  co_return co_await disk.replace_file(path, program, 0700);
}

}  // namespace caravan::client
