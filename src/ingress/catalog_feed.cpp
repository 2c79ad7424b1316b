// SPDX-License-Identifier: Apache-2.0
#include "ingress/catalog_feed.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;

// Short, so that a server that was cut off is not waited for: what it would have said is missed.
constexpr const char* wait = "10s";
constexpr base::Duration pause = 50ms;  // between answers: a storm of changes is heard in gulps
constexpr base::Duration failed_pause = 1s;

}  // namespace

CatalogFeed::CatalogFeed(io::World& world, Ask ask, const Settings& settings, Take take,
                         io::Logger log)
    : world_(world), ask_(std::move(ask)), take_(std::move(take)), log_(std::move(log)) {
  // Without an enabling label a service is known by none of its tags.
  const std::string labels = settings.exposed_by_default ? "" : settings.label_prefix + ".";
  target_ = fmt::format("/v1/ingress/instances?stale&namespace=*&wait={}&prefix={}&prefix={}", wait,
                        base::percent_encode(settings.tag_prefix), base::percent_encode(labels));
}

io::Task<void> CatalogFeed::run() {
  std::string index;
  while (true) {
    std::string target = target_;
    if (!index.empty()) target += "&index=" + index;
    base::Result<http::Response> answer = co_await ask_(std::move(target));
    const bool is_good = answer && answer->status == 200;
    base::Result<std::vector<Instance>> instances =
        is_good ? read_instances(answer->shared ? answer->shared->plain() : answer->body)
                : base::Result<std::vector<Instance>>();
    if (is_good && instances) {
      if (!is_fresh_) log_.info("the catalog is followed");
      is_fresh_ = true;
      const std::string now(answer->headers.get("X-Nomad-Index"));
      if (now != index || index.empty()) take_(*std::move(instances));
      index = now;
      co_await world_.clock.sleep(pause);
      continue;
    }
    const std::string why = !answer            ? answer.error().message
                            : !is_good         ? fmt::format("{}: {}", answer->status,
                                                     base::printable(answer->body, 200))
                                               : instances.error().message;
    if (is_fresh_ || index.empty())
      log_.warn("the catalog cannot be asked; what is known stays", {{"error", why}});
    is_fresh_ = false;
    index.clear();
    co_await world_.clock.sleep(failed_pause);
  }
}

}  // namespace caravan::ingress
