// SPDX-License-Identifier: Apache-2.0
// Requests that another agent has to answer: a server that does not lead asks the leader, an agent
// without a server asks a server. The request travels as it came, on a connection between agents,
// and so does the answer, streams and web sockets included.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "http/client.hpp"
#include "http/server.hpp"
#include "rpc/transport.hpp"

namespace caravan::api {

/// Who can answer what, at this moment.
struct Whereabouts {
  bool has_state = false;  // a server runs in this agent
  bool leads = false;
  std::optional<io::Address> leader;  // when it is another agent
  std::vector<io::Address> servers;   // of this region, that are heard, without this agent
  /// The servers of other regions that are heard. Known to servers only.
  std::map<std::string, std::vector<io::Address>> abroad;
  std::map<std::string, std::string> region_of;  // by the datacenters of those servers
  std::uint64_t last_contact_ms = 0;  // since the leader was heard of
};

/// A place elsewhere that has to answer a request, by the name of its region or that of a
/// datacenter of it. None: this one does.
struct Place {
  std::string region, datacenter;
  bool is_here() const { return region.empty() && datacenter.empty(); }
};

/// How often a request has been forwarded already.
inline constexpr const char* hops_header = "X-Caravan-Hops";
inline constexpr int hops_max = 5;  // to a server, to another region, to its leader, and to spare
/// Which face of the API a forwarded request is for.
inline constexpr const char* face_header = "X-Caravan-Face";
/// The name of the agent that a forwarded request came to first.
inline constexpr const char* asked_header = "X-Caravan-Asked";
/// Which region a request is for that was sent there; counts more than what its target says.
inline constexpr const char* place_header = "X-Caravan-Place";
/// The same of all faces but the first one: servers of before take what place_header says for a
/// datacenter there.
inline constexpr const char* region_header = "X-Caravan-Region";
inline const char* region_header_of(std::string_view face) {
  return face.empty() ? place_header : region_header;
}
/// As in the IETF's draft of that name. A client that repeats a request repeats the key.
inline constexpr const char* key_header = "Idempotency-Key";
int hops_of(const http::Request& request);

class Forward {
 public:
  /// `now` may be asked from any lane. `face`: that of the requests. `agent`: the name of this one.
  /// References outlive it.
  Forward(io::World& world, rpc::Transport& transport,
          std::function<std::shared_ptr<const Whereabouts>()> now, std::string face,
          std::string agent)
      : world_(world),
        transport_(transport),
        now_(std::move(now)),
        face_(std::move(face)),
        agent_(std::move(agent)) {}

  /// Whether it is this agent that answers, once that is known: waits for a leader as long as a
  /// cluster may need to elect one. With `stale` any server will do. The address is empty when this
  /// agent answers. Errors: unavailable ("No cluster leader").
  io::Task<base::Result<std::optional<io::Address>>> who(bool stale) const;
  /// Returns when requests would go to somebody else than `to`, or after as long as an election may
  /// take.
  io::Task<void> moves_on(io::Address to) const;
  /// Sends it there and answers with what comes back. Errors, when nothing was answered yet:
  /// unavailable, nothing was sent; timeout, whoever was asked is gone or no longer the one to ask,
  /// and what became of it is not known.
  /// `key`: under which it is done once, for a write. `region`: that which is known to be asked.
  io::Task<base::Status> forward(const http::Request& request, http::Responder& responder,
                                 io::Address to, std::string key = "",
                                 std::string region = "") const;
  /// The same with an agent that is asked because it is this one, whoever leads. Errors:
  /// unavailable.
  io::Task<base::Status> hand_to(const http::Request& request, http::Responder& responder,
                                 rpc::Whom to) const;
  /// The same with the servers of another region, one after the other until one can be reached; an
  /// agent without a server hands it to one. Errors: unavailable ("No path to region"), nothing was
  /// sent; timeout, whoever was asked is gone and what became of it is not known.
  io::Task<base::Status> abroad(const http::Request& request, http::Responder& responder,
                                const Place& place) const;
  /// Asks one server after the other until one does not answer "No path to node". False: all did.
  io::Task<bool> try_others(const http::Request& request, http::Responder& responder) const;
  /// What a server answers to a GET in the name of the caller; for agents without state.
  struct Said {
    int status = 0;
    std::string body;
  };
  io::Task<base::Result<Said>> ask(std::string target, std::string token) const;
  const io::Clock& clock() const { return world_.clock; }
  std::shared_ptr<const Whereabouts> now() const { return now_(); }
  /// A key for a write that came without one.
  std::string draw_key() const;
  /// The newest index of the log that an answer which came through here has told.
  std::uint64_t seen_index() const { return seen_index_.load(std::memory_order_relaxed); }

 private:
  /// What a request is told on its way.
  struct Marks {
    std::string region, key;  // "": nothing
  };
  io::Task<base::Result<std::unique_ptr<http::Incoming>>> send_on(const http::Request& request,
                                                                  rpc::Whom to, bool& is_sent,
                                                                  const Marks& marks) const;
  void note_index(const http::Incoming& answer) const;
  io::Task<void> while_asked(io::Address to) const;
  io::Task<void> while_heard(rpc::Whom whom) const;
  http::Request onward(const http::Request& request, const std::string& region = "") const;

  io::World& world_;
  rpc::Transport& transport_;
  std::function<std::shared_ptr<const Whereabouts>()> now_;
  std::string face_, agent_;
  mutable std::atomic<std::uint64_t> seen_index_ = 0;  // of any lane
};

/// What a server answers that has no connection to the node of an allocation, and the header by
/// which a server that forwards knows it.
inline constexpr const char* no_path_to_node = "No path to node";
inline constexpr const char* no_path_header = "X-Caravan-No-Path";

}  // namespace caravan::api
