// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

class SnapshotPage {
 public:
  explicit SnapshotPage(server::Backups& backups) : backups_(backups) {}

  Task<Result> save(Call& call) {
    Answer answer;
    CO_TRY(answer.body, co_await backups_.save(call.request.query.has("redact")));
    answer.content_type = "application/x-gzip";
    answer.digest = "sha-256=" + base::base64_encode(crypto::sha256(answer.body));
    answer.is_read = true;
    co_return answer;
  }

  Task<Result> restore(Call& call) {
    if (call.request.body.empty())
      co_return base::invalid("the body must be a snapshot, as GET of this path gives it");
    Answer answer;
    CO_TRY(answer.index, co_await backups_.restore(call.request.body));
    co_return answer;
  }

 private:
  server::Backups& backups_;
};

}  // namespace

std::vector<Route> snapshot_routes(server::Backups& backups) {
  const auto to = handlers_of(std::make_shared<SnapshotPage>(backups));
  constexpr const char* path = "/v1/operator/snapshot";
  return {{"GET", path, Capability::snapshot_save, to(&SnapshotPage::save)},
          {"PUT POST", path, Capability::operator_write, to(&SnapshotPage::restore)}};
}

}  // namespace caravan::api::nomad
