// SPDX-License-Identifier: Apache-2.0
#include "api/once.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "crypto/digest.hpp"
#include "server/proposals.hpp"

namespace caravan::api {
namespace {

using io::Task;
using Result = base::Result<Answer>;

class OncePage {
 public:
  OncePage(const state::Store& store, const Face& face) : store_(store), again_(face.again) {}

  /// The router has waited until all that was committed is known here.
  Task<Result> fate(Call& call) {
    CO_TRY(const base::Uuid id, base::Uuid::parse(call.param("id")));
    const auto since = base::parse_int(call.request.query.get("since"));
    if (!since || *since < 0) co_return base::invalid("since: an index is needed");
    const state::Snapshot tables = store_.snapshot();
    Answer answer;
    if (const state::Ref<model::DoneRequest> done = tables->request(id)) {
      CO_TRY(answer, again_(*tables, *done, call.request.query.get("of"), call.caller));
      answer.headers.add(done_header, "yes");
      co_return answer;
    }
    answer.status = 404;
    const bool would_be_known = tables->requests_before <= static_cast<std::uint64_t>(*since);
    if (server::knows_requests(*tables) && would_be_known) answer.headers.add(done_header, "no");
    co_return answer;
  }

 private:
  const state::Store& store_;
  decltype(Face::again) again_;
};

}  // namespace

base::Uuid once_id(const http::Request& request, std::string_view key, std::string_view token) {
  // Whoever knows the key and may not know the token has no part in it; the body only tells
  // requests of one caller apart.
  const std::string whole = fmt::format("{}\n{}\n{}\n{}\n{:x}", key, token, request.method,
                                        request.target, base::hash64(request.body));
  const std::string digest = crypto::sha256(whole);
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return base::Uuid::from_random(bytes);
}

http::Request question_about(const http::Request& request, const Once& once) {
  http::Request question;
  question.method = "GET";
  // What we encode decodes.
  (void)question.set_target(fmt::format("{}{}?since={}&of={}", done_path, once.id.to_string(),
                                        once.since, base::percent_encode(request.path)));
  for (const auto& [name, value] : request.headers)
    if (base::to_lower(name) != "content-length" && base::to_lower(name) != "content-type")
      question.headers.add(name, value);
  // Its token may have been a parameter.
  if (const std::string token = request.query.get("token"); !token.empty())
    question.headers.add("X-Consul-Token", token);
  question.peer = request.peer;
  return question;
}

std::vector<Route> once_routes(const state::Store& store, const Face& face) {
  const auto to = handlers_of(std::make_shared<OncePage>(store, face));
  return {{"GET",
           done_path + ":id",
           {acl::Capability::anyone, Scope::handler, "the id is made of the caller's token"},
           to(&OncePage::fate)}};
}

}  // namespace caravan::api
