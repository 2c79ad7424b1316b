// SPDX-License-Identifier: Apache-2.0
// The table of routes: each row says method, path, what the caller must be allowed, and who
// answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "acl/authorized.hpp"
#include "api/callers.hpp"
#include "api/face.hpp"
#include "http/server.hpp"

namespace caravan::api {

class AuditLog;
struct Once;

/// One request on its way through: what was asked, by whom, with the `:names` of the path.
struct Call {
  const http::Request& request;
  http::Responder& responder;
  std::map<std::string, std::string> params;
  acl::Authorized caller;
  acl::Capability needed;  // by the route

  const std::string& param(const std::string& name) const { return params.at(name); }
  std::string ns() const;  // ?namespace=, "default" when absent
  bool is(std::string_view method) const { return request.method == method; }
};

using Handler = std::function<io::Task<base::Result<Answer>>(Call&)>;

/// Makes handlers of a page's methods, which live as long as any of them does.
template <class Page>
auto handlers_of(std::shared_ptr<Page> page) {
  return [page](io::Task<base::Result<Answer>> (Page::*method)(Call&)) -> Handler {
    return [page, method](Call& call) { return ((*page).*method)(call); };
  };
}

/// What a capability is asked for, of a request.
enum class Scope {
  request,  // the namespace it names; of what is about the whole cluster, nothing
  list,     // the same; with "*", a list of what the caller may see
  named,    // what the path calls ":name": a namespace or a pool
  allocation,
  evaluation,
  deployment,
  scaling_policy,  // the namespace of the one that the path calls ":id"
  handler,         // something that only the handler knows, which asks by itself
};

/// What a caller must be allowed. `note` tells of what the handler asks for besides.
struct Need {
  Need(acl::Capability needed, Scope on = Scope::request, std::string_view also = "")
      : capability(needed), scope(on), note(also) {}
  acl::Capability capability;
  Scope scope;
  std::string_view note;
};

struct Route {
  std::string methods;  // "GET" or "PUT POST"
  std::string path;     // "/v1/job/:id/allocations"
  Need need;
  Handler handler;
  bool is_here = false;    // about this agent, and answered by it; else by whoever has the state
  bool is_global = false;  // a write of what is one for all places
};
/// The same rows, with all that write as writes of what is one for all places.
std::vector<Route> global(std::vector<Route> rows);

/// Returns when what is read here is as new as anything that was acknowledged before.
using ReadBarrier = std::function<io::Task<base::Status>()>;

class Router {
 public:
  /// `forward`: with the name of this face. `barrier` is asked on the leader, before each write and
  /// each read that is not stale.
  Router(const acl::Gate& gate, Face face, const Forward& forward, ReadBarrier barrier,
         io::Logger log)
      : gate_(gate),
        face_(std::move(face)),
        forward_(forward),
        barrier_(std::move(barrier)),
        log_(std::move(log)) {}

  void add(std::vector<Route> routes);
  /// Before the first request: where each is written down. It outlives the router.
  void audit_in(AuditLog& log) { audit_ = &log; }
  const std::vector<Route>& routes() const { return routes_; }
  const Face& face() const { return face_; }
  io::Task<void> serve(const http::Request& request, http::Responder& responder) const;

 private:
  const Route* find(const http::Request& request, std::map<std::string, std::string>& params,
                    std::vector<std::string>& methods) const;
  io::Task<void> carry_out(const http::Request& request, http::Responder& responder) const;
  io::Task<http::Response> respond(const http::Request& request, http::Responder& responder,
                                   bool& sent) const;
  io::Task<base::Result<bool>> elsewhere(const http::Request& request, http::Responder& responder,
                                         Once& once) const;
  /// What became of a write whose answer was lost. `told`: its answer was given.
  enum class Fate { unknown, undone, told };
  io::Task<Fate> fate_of(const http::Request& request, http::Responder& responder,
                         const Once& once) const;
  base::Result<Once> once_of(const http::Request& request) const;
  io::Task<base::Result<Answer>> carried_out(const Route& route, Call& call,
                                             const Once& once) const;
  io::Task<http::Response> answered_here(const Route& route, Call& call, Once& once,
                                         bool& sent) const;
  io::Task<http::Response> in_place(const Place& place, const http::Request& request,
                                    http::Responder& responder, bool& sent) const;
  /// Where it has to be answered.
  Place place_of(const http::Request& request, const Route* route) const;
  io::Task<base::Result<acl::Authorized>> admitted(
      const Need& need, const http::Request& request,
      const std::map<std::string, std::string>& params) const;
  base::Result<acl::Authorized> admit(const Need& need, const http::Request& request,
                                      const std::map<std::string, std::string>& params) const;
  /// A path in its segments, as they are written.
  using Segments = std::vector<std::string_view>;
  struct Pattern {
    std::vector<std::string> segments;  // ":id" stands for any
    std::vector<std::string> methods;
    std::size_t route;
    bool fits(const Segments& path) const;
    bool allows(std::string_view method) const;
  };
  const std::vector<Pattern>& patterns_like(const Segments& path) const;
  bool knows(const std::string& path) const;
  std::string routable(const std::string& path) const;
  http::Response to_response(const http::Request& request, Answer answer) const;

  const acl::Gate& gate_;
  Face face_;
  const Forward& forward_;
  ReadBarrier barrier_;
  io::Logger log_;
  Callers callers_{gate_, forward_};
  AuditLog* audit_ = nullptr;  // null: nothing is
  std::vector<Route> routes_;
  std::vector<std::vector<Pattern>> patterns_;  // by their number of segments
};

/// Where agents without state ask whether a token may do something to the cluster: ours.
inline const std::string may_path = "/v1/agent/may/";

}  // namespace caravan::api
