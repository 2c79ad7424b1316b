// SPDX-License-Identifier: Apache-2.0
#include "api/route.hpp"

#include <optional>

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/audited.hpp"
#include "api/heard.hpp"
#include "api/once.hpp"
#include "api/other_sites.hpp"
#include "base/text.hpp"
#include "cluster/cluster.hpp"
#include "io/request.hpp"
#include "json/writer.hpp"
#include "server/proposals.hpp"

namespace caravan::api {
namespace {

/// So many leaders are asked, one after the other, before a request is given up.
constexpr int forward_attempts = 4;

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  for (std::size_t slash; (slash = path.find('/')) != std::string_view::npos;) {
    segments.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  segments.push_back(path);
  return segments;
}

/// The values of the ":names"; nothing when one is empty or badly encoded.
std::optional<std::map<std::string, std::string>> params_of(
    const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  std::map<std::string, std::string> params;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].starts_with(':')) continue;
    base::Result<std::string> value = base::percent_decode(path[i]);
    if (!value || value->empty()) return {};
    params[pattern[i].substr(1)] = *std::move(value);
  }
  return params;
}

/// All that stands behind `begin`, as one segment.
std::string whole_rest(std::string path, std::size_t begin) {
  for (std::size_t slash = begin; (slash = path.find('/', slash)) != std::string::npos;)
    path.replace(slash, 1, "%2F");
  return path;
}

bool is_read(const http::Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

std::string namespace_of(const http::Request& request) {
  const std::string ns = request.query.get("namespace");
  return ns.empty() ? "default" : ns;
}

/// What the capability is needed on; nothing when there is no such object.
std::optional<std::string> subject_of(Scope scope, const http::Request& request,
                                      const std::map<std::string, std::string>& params,
                                      const state::Tables* tables) {
  if (scope == Scope::request || scope == Scope::list) return namespace_of(request);
  if (scope == Scope::named) return params.at("name");
  if (!tables || scope == Scope::handler) return {};
  const std::string& id = params.at("id");
  if (scope == Scope::scaling_policy) {
    const state::Ref<model::ScalingPolicy>* policy = tables->scaling_policies.find(id);
    if (policy) return (*policy)->target.at("Namespace");
    return {};
  }
  const base::Uuid uuid = base::Uuid::parse(id).value_or(base::Uuid());
  if (scope == Scope::allocation) {
    const state::Ref<model::Allocation> alloc = tables->alloc(base::AllocId(uuid));
    if (alloc) return alloc->job->ns;
  } else if (scope == Scope::evaluation) {
    const state::Ref<model::Evaluation> eval = tables->eval(base::EvalId(uuid));
    if (eval) return eval->ns;
  } else if (scope == Scope::deployment) {
    const state::Ref<model::Deployment> deployment = tables->deployment(base::DeploymentId(uuid));
    if (deployment) return deployment->ns;
  }
  return {};
}

}  // namespace

std::string Call::ns() const { return namespace_of(request); }

base::Result<acl::Authorized> Router::admit(
    const Need& need, const http::Request& request,
    const std::map<std::string, std::string>& params) const {
  const std::string token = face_.token_of(request);
  const bool is_open = need.capability == acl::Capability::anyone && need.scope != Scope::handler;
  if (!gate_.is_on() || is_open) return gate_.admit(token, need.capability, "");
  TRY(const acl::Authorized caller, gate_.who(token));
  const state::Snapshot tables = gate_.snapshot();
  const auto subject = subject_of(need.scope, request, params, tables.get());
  const bool lists_all = need.scope == Scope::list && subject == "*";
  // Of an object that does not exist the handler says so, to those who could have seen one.
  const bool allowed = subject ? lists_all || caller.may(need.capability, *subject)
                               : caller.may_somewhere(need.capability);
  if (!allowed) return base::fail(base::Code::denied, acl::permission_denied);
  return caller;
}

void Router::add(std::vector<Route> routes) {
  for (Route& route : routes) {
    Pattern pattern{base::split(route.path, '/'), base::split(route.methods, ' '), routes_.size()};
    const std::size_t length = pattern.segments.size();
    if (patterns_.size() <= length) patterns_.resize(length + 1);
    patterns_[length].push_back(std::move(pattern));
    routes_.push_back(std::move(route));
  }
}

/// Segment by segment, on the encoded path, so that an encoded slash stays inside its segment.
bool Router::Pattern::fits(const Segments& path) const {
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (segments[i].starts_with(':') ? path[i].empty() : segments[i] != path[i]) return false;
  return true;
}

bool Router::Pattern::allows(std::string_view method) const {
  return std::ranges::find(methods, method) != methods.end() ||
         (method == "HEAD" && methods[0] == "GET");
}

const std::vector<Router::Pattern>& Router::patterns_like(const Segments& path) const {
  static const std::vector<Pattern> none;
  return path.size() < patterns_.size() ? patterns_[path.size()] : none;
}

bool Router::knows(const std::string& path) const {
  const Segments segments = split_path(path);
  return std::ranges::any_of(patterns_like(segments), [&](const Pattern& pattern) {
    return pattern.fits(segments) && params_of(pattern.segments, segments);
  });
}

/// Where there is no state, a server is asked, each time: what it takes back counts at once.
io::Task<base::Result<acl::Authorized>> Router::admitted(
    const Need& need, const http::Request& request,
    const std::map<std::string, std::string>& params) const {
  if (!gate_.is_on() || gate_.snapshot()) co_return admit(need, request, params);
  if (need.capability == acl::Capability::anyone) {
    if (need.scope != Scope::handler) co_return admit(need, request, params);
    co_return co_await callers_.who(face_.token_of(request));
  }
  std::string target = may_path + base::percent_encode(acl::capability_name(need.capability));
  CO_TRY(const Forward::Said said,
         co_await forward_.ask(std::move(target), face_.token_of(request)));
  if (said.status == 200) co_return gate_.vouched_for(need.capability);
  const auto code = said.status == 403 ? base::Code::denied : base::Code::unavailable;
  co_return base::fail(code, said.body);
}

http::Response Router::to_response(const http::Request& request, Answer answer) const {
  http::Response response;
  response.status = answer.status;
  const bool is_empty = answer.body.empty() && !answer.shared;
  if (answer.status != 404 || !is_empty)  // nothing has no type
    response.headers.add("Content-Type", answer.content_type);
  if (answer.max_age.count() > 0)
    response.headers.add("Cache-Control",
                         fmt::format("max-age={}", answer.max_age.count() / 1'000'000'000));
  if (!answer.digest.empty()) response.headers.add("Digest", answer.digest);
  for (const auto& [name, value] : answer.headers)
    response.headers.add(name, value);
  face_.dress(response, answer, request, *forward_.now());
  const bool pretty = request.query.has("pretty") && request.query.get("pretty") != "0" &&
                      answer.content_type == "application/json";
  const std::string& body = answer.shared ? answer.shared->plain() : answer.body;
  if (pretty && !body.empty())
    response.body = json::prettify(body) + "\n";
  else if (answer.shared)
    response.shared = std::move(answer.shared);
  else
    response.body = std::move(answer.body);
  return response;
}

/// Names may have slashes that clients also write as they are. Encodes as few of them as it takes
/// to know the path.
std::string Router::routable(const std::string& path) const {
  constexpr int slashes_max = 8;
  for (const std::string_view prefix : face_.whole_rests)
    if (path.starts_with(prefix)) return whole_rest(path, prefix.size());
  if (face_.slashed_names.empty() || !path.starts_with(face_.slashed_names)) return path;
  std::string candidate = path;
  std::size_t from = face_.slashed_names.size();
  for (int count = 0; count <= slashes_max && !knows(candidate); ++count) {
    const std::size_t slash = candidate.find('/', from);
    if (slash == std::string::npos) return path;
    candidate.replace(slash, 1, "%2F");
    from = slash;
  }
  return knows(candidate) ? candidate : path;
}

const Route* Router::find(const http::Request& request, std::map<std::string, std::string>& params,
                          std::vector<std::string>& methods) const {
  const std::string path = routable(request.path);
  const Segments segments = split_path(path);
  for (const Pattern& pattern : patterns_like(segments)) {
    if (!pattern.fits(segments)) continue;
    auto named = params_of(pattern.segments, segments);
    if (!named) continue;
    if (!pattern.allows(request.method)) {
      methods.insert(methods.end(), pattern.methods.begin(), pattern.methods.end());
      continue;
    }
    params = *std::move(named);
    return &routes_[pattern.route];
  }
  return nullptr;
}

/// A key that a client sends is as good as one that is drawn. Errors: invalid.
base::Result<Once> Router::once_of(const http::Request& request) const {
  Once once;
  if (is_read(request)) return once;
  once.key = request.headers.get(key_header);
  if (once.key.size() > key_bytes_max || base::printable(once.key, key_bytes_max) != once.key)
    return base::invalid(
        fmt::format("{}: at most {} printable characters", key_header, key_bytes_max));
  // What is answered here needs a key only if the client may come again with it.
  if (!once.key.empty()) once.id = once_id(request, once.key, face_.token_of(request));
  const state::Snapshot tables = gate_.snapshot();
  once.since = tables ? tables->index : forward_.seen_index();
  return once;
}

/// Whoever leads now knows, since all that it may have been is in its log. Asks as any reader does.
io::Task<Router::Fate> Router::fate_of(const http::Request& request, http::Responder& responder,
                                       const Once& once) const {
  const http::Request question = question_about(request, once);
  Heard heard(&responder);
  bool sent = false;
  http::Response answer = co_await respond(question, heard, sent);
  if (sent) answer = heard.take();
  const std::string_view done = answer.headers.get(done_header);
  if (done == "no") co_return Fate::undone;
  if (done != "yes") co_return Fate::unknown;
  (void)co_await responder.send(std::move(answer));
  co_return Fate::told;
}

/// True: another agent has answered. False: this one has to, under the id that `once` has got: who
/// was asked before may have it still, and hand it on much later.
io::Task<base::Result<bool>> Router::elsewhere(const http::Request& request,
                                               http::Responder& responder, Once& once) const {
  const bool reads = is_read(request);
  // What an agent of the peers would keep for its clients, every server of ours knows.
  const bool stale = reads && (request.query.has("stale") || request.query.has("cached"));
  const bool is_patient = !reads || request.path.starts_with(done_path);
  if (hops_of(request) >= hops_max) co_return false;
  base::Status sent;
  for (int attempt = 0; attempt < forward_attempts; ++attempt) {
    CO_TRY(const std::optional<io::Address> other, co_await forward_.who(stale));
    if (!other) {
      // Who leads no longer, and does not know it yet, would refuse a write for what its state
      // lacks. It has not begun, so whoever leads by now can be asked.
      sent = stale ? base::Status() : co_await barrier_();
      if (sent || reads) break;
      continue;
    }
    if (!reads && once.key.empty()) {
      once.key = forward_.draw_key();
      once.id = once_id(request, once.key, face_.token_of(request));
    }
    // The datacenter of whoever is asked may be another one of the same region.
    const std::string region = face_.names_datacenters ? face_.region : "";
    sent = co_await forward_.forward(request, responder, *other, once.key, region);
    if (sent) co_return true;
    // What becomes of a write is worth a wait for who knows; a read is asked for again.
    if (is_patient) co_await forward_.moves_on(*other);
    if (reads || sent.error().code != base::Code::timeout) continue;
    const Fate fate = co_await fate_of(request, responder, once);
    if (fate == Fate::told) co_return true;
    if (fate == Fate::unknown) break;  // what may have been done once is not done again
  }
  CO_TRY_VOID(sent);
  co_return false;
}

std::vector<Route> global(std::vector<Route> rows) {
  for (Route& row : rows)
    row.is_global = row.methods != "GET";
  return rows;
}

/// What is about this agent is answered by it, whichever place is named. What was sent to this
/// region stays, whatever a datacenter of it is called.
Place Router::place_of(const http::Request& request, const Route* route) const {
  const std::string sent_to(request.headers.get(region_header_of(face_.name)));
  const std::string asked = request.query.get(face_.place_parameter);
  if (!route || !route->is_here) {
    if (!sent_to.empty() && sent_to != face_.region) return {sent_to, ""};
    if (sent_to.empty() && !asked.empty() && asked != face_.place)
      return face_.names_datacenters ? Place{"", asked} : Place{asked, ""};
  }
  return {route && route->is_global ? face_.authority : "", ""};
}

io::Task<http::Response> Router::in_place(const Place& place, const http::Request& request,
                                          http::Responder& responder, bool& sent) const {
  const base::Status done = co_await forward_.abroad(request, responder, place);
  sent = done.has_value();
  if (sent) co_return http::Response();
  const bool is_nowhere = done.error().message == cluster::no_path_to_region;
  co_return face_.refusal(is_nowhere ? face_.no_such_place : done.error());
}

io::Task<http::Response> Router::respond(const http::Request& request, http::Responder& responder,
                                         bool& sent) const {
  std::vector<std::string> methods;
  std::map<std::string, std::string> params;
  const Route* route = find(request, params, methods);
  // No page of another site knows a token that counts. Where none does, it may show any.
  const bool is_proven = gate_.is_on() && !face_.token_of(request).empty();
  if (!is_proven && hops_of(request) == 0 && is_act_of_other_site(request))
    co_return face_.refusal(
        {base::Code::denied,
         "a page of another site may do nothing here without a token of this cluster; a proxy has "
         "to hand on the Host header, or say X-Forwarded-Host"});
  base::Result<Once> once = once_of(request);
  if (!once) co_return face_.refusal(once.error());
  if (const Place place = place_of(request, route); !place.is_here())
    co_return co_await in_place(place, request, responder, sent);
  if (!route || !route->is_here) {
    const bool may_be_there = route || !forward_.now()->has_state;
    const base::Result<bool> done =
        may_be_there ? co_await elsewhere(request, responder, *once) : base::Result<bool>(false);
    if (!done) co_return face_.refusal(done.error());
    sent = *done;
    if (sent) co_return http::Response();
  }
  if (!route) co_return face_.no_route(request, methods);
  const base::Result<acl::Authorized> caller = co_await admitted(route->need, request, params);
  if (!caller) co_return face_.refusal(caller.error());
  Call call{request, responder, std::move(params), *caller, route->need.capability};
  co_return co_await answered_here(*route, call, *once, sent);
}

io::Task<base::Result<Answer>> Router::carried_out(const Route& route, Call& call,
                                                   const Once& once) const {
  if (route.is_here || once.id.is_nil()) co_return co_await route.handler(call);
  const state::Snapshot tables = gate_.snapshot();
  const state::Ref<model::DoneRequest> before = tables ? tables->request(once.id) : nullptr;
  if (before) co_return face_.again(*tables, *before, call.request.path, call.caller);
  io::Task<base::Result<Answer>> work = route.handler(call);
  base::Result<Answer> answer = co_await io::for_request(once.id, std::move(work));
  if (answer || answer.error().message != server::done_before) co_return answer;
  const state::Snapshot now = gate_.snapshot();
  const state::Ref<model::DoneRequest> done = now->request(once.id);
  if (done) co_return face_.again(*now, *done, call.request.path, call.caller);
  co_return answer;
}

io::Task<http::Response> Router::answered_here(const Route& route, Call& call, Once& once,
                                               bool& sent) const {
  const http::Request& request = call.request;
  base::Result<Answer> answer = co_await carried_out(route, call, once);
  if (answer && !answer->place.empty()) {
    const Place place{answer->place, ""};
    co_return co_await in_place(place, request, call.responder, sent);
  }
  if (answer) {
    sent = answer->sent;
    co_return to_response(request, *std::move(answer));
  }
  // This agent led when it was asked, and may not any more: then nothing was written, or it is not
  // known, and whoever leads now can be asked.
  const base::Code code = answer.error().code;
  const bool leads = !forward_.now()->has_state || forward_.now()->leads;
  bool undone = code == base::Code::unavailable && !route.is_here && !leads;
  if (code == base::Code::timeout && !route.is_here && !leads && !once.id.is_nil()) {
    const Fate fate = co_await fate_of(request, call.responder, once);
    sent = fate == Fate::told;
    if (sent) co_return http::Response();
    undone = fate == Fate::undone;
  }
  if (undone) {
    const base::Result<bool> done = co_await elsewhere(request, call.responder, once);
    sent = done && *done;
    if (sent) co_return http::Response();
  }
  http::Response refusal = face_.refusal(answer.error());
  if (answer.error().message != no_path_to_node) co_return refusal;
  refusal.headers.add(no_path_header, "1");
  sent = hops_of(request) < hops_max && co_await forward_.try_others(request, call.responder);
  co_return refusal;
}

/// The one way to a route, of every face and of requests that other agents hand on.
io::Task<void> Router::serve(const http::Request& request, http::Responder& responder) const {
  if (!audit_) co_return co_await carry_out(request, responder);
  Audited audited(*audit_, face_, gate_, request, responder);
  if (const base::Status written = audited.begin_request(); !written) {
    http::Response refusal = face_.refusal(written.error());
    (void)co_await responder.send(std::move(refusal));
    co_return;
  }
  co_await carry_out(request, audited);
  audited.end_request();
}

io::Task<void> Router::carry_out(const http::Request& request, http::Responder& responder) const {
  bool sent = false;
  http::Response response = co_await respond(request, responder, sent);
  if (sent) co_return;
  const base::Status done = co_await responder.send(std::move(response));
  if (!done) log_.debug("client went away", {{"path", request.path}});
}

}  // namespace caravan::api
