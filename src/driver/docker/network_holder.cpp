// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/network_holder.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "driver/docker/container.hpp"
#include "driver/docker/spec.hpp"

namespace caravan::driver::docker {
namespace {

using namespace std::chrono_literals;
using json::Array;
using json::Object;

/// An image of nothing: the program is bound into it.
constexpr const char* image = "caravan-holder:1";
constexpr std::size_t empty_tar_bytes = 1024;
constexpr base::Duration start_timeout = 60s;
constexpr base::Duration ready_timeout = 10s;
constexpr base::Duration ready_look = 10ms;
constexpr std::int64_t memory_bytes = 16 * 1024 * 1024;

io::Task<base::Status> provide_holder_image(Api& api) {
  const base::Result<json::Value> there =
      co_await api.call("GET", std::string("/images/") + image + "/json");
  if (there) co_return base::Status();
  if (there.error().code != base::Code::not_found) co_return std::unexpected(there.error());
  http::Request ask = request("POST", "/images/create?fromSrc=-&repo=caravan-holder&tag=1");
  ask.headers.add("Content-Type", "application/x-tar");
  ask.body = std::string(empty_tar_bytes, '\0');
  CO_TRY(const std::unique_ptr<http::Incoming> answer,
         co_await api.open(std::move(ask), start_timeout));
  std::string piece = "begin";
  while (!piece.empty()) {
    CO_TRY(piece, co_await answer->read());
  }
  co_return base::Status();
}

/// Why it ended before it was ready.
io::Task<std::string> last_words(Api& api, std::string name) {
  const base::Result<Inspection> seen = co_await inspect(api, name);
  if (!seen) co_return seen.error().message;
  co_return fmt::format("it is {} with code {} {}", seen->status, seen->exit.code,
                        seen->exit.error);
}

}  // namespace

json::Value holder_request(const TaskSpec& spec, const Config& config, const Options& options,
                           const std::string& run, const std::string& folder) {
  Object body = {{"Image", image},
                 {"Entrypoint", Array{"/holder"}},
                 {"Cmd", Array{"/namespace", "/ready/ready"}},
                 {"Labels", Object{{alloc_label, spec.alloc_id.to_string()}, {run_label, run}}}};
  Object host = {{"NetworkMode", "none"},
                 {"Binds", Array{options.holder_program + ":/holder:ro",
                                 spec.network_namespace + ":/namespace:ro", folder + ":/ready"}},
                 {"CapDrop", Array{"ALL"}},
                 {"CapAdd", Array{"SYS_ADMIN"}},  // to enter; it drops it then
                 {"SecurityOpt", Array{"no-new-privileges"}},
                 {"UsernsMode", "host"},
                 {"ReadonlyRootfs", true},
                 {"Memory", memory_bytes},
                 {"MemorySwap", memory_bytes},
                 {"PidsLimit", 8},
                 {"LogConfig", Object{{"Type", "none"}}},
                 {"RestartPolicy", Object{{"Name", "no"}}}};
  add_names(body, host, spec, config);
  body["HostConfig"] = host;
  return body;
}

io::Task<base::Status> hold_network(Api& api, const TaskSpec& spec, const Config& config,
                                    const Options& options, const std::string& run,
                                    const std::string& folder) {
  io::World& world = api.world();
  const std::string name = holder_name(spec), ready = folder + "/net";
  CO_TRY_VOID(world.disk.make_dirs(ready, 0700));
  CO_TRY_VOID(co_await provide_holder_image(api));
  CO_TRY_VOID(co_await remove(api, name));  // of an earlier run
  json::Value body = holder_request(spec, config, options, run, ready);
  const std::string create = "/containers/create?name=" + name;
  const std::string start = "/containers/" + name + "/start";
  CO_TRY_VOID(co_await api.call("POST", create, std::move(body)));
  CO_TRY_VOID(co_await api.call("POST", start, {}, start_timeout));
  const base::Duration deadline = world.clock.uptime() + ready_timeout;
  while (!world.disk.exists(ready + "/ready")) {
    if (world.clock.uptime() > deadline) {
      const std::string why = co_await last_words(api, name);
      (void)co_await remove(api, name);
      co_return base::fail(
          base::Code::io,
          fmt::format("the group's network could not be joined through {}: {}", name, why));
    }
    co_await world.clock.sleep(ready_look);
  }
  co_return base::Status();
}

}  // namespace caravan::driver::docker
