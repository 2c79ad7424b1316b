// SPDX-License-Identifier: Apache-2.0
// The acting part: the socket, the clock and the streams around the core. Everything on the lane of
// whoever owns it.
#pragma once

#include <functional>
#include <memory>

#include "gossip/core.hpp"
#include "gossip/keys.hpp"
#include "io/datagrams.hpp"
#include "io/task.hpp"

namespace caravan::gossip {

struct GossipConfig {
  Card self;
  std::string label;  // the region: members of older versions hear those of their own only
  Tuning tuning;
};

class Gossip {
 public:
  /// Asks a member over a stream; its agent gives the request to answer().
  using Ask = std::function<io::Task<base::Result<std::string>>(CardPtr to, std::string method,
                                                                std::string request)>;
  /// References outlive it. `changed` hears whose status or card is another one.
  Gossip(io::World& world, GossipConfig config, Keys& keys, Ask ask,
         std::function<void(MemberId)> changed, io::Logger log);

  /// From here on it hears packets and probes others. Errors: io (an address in use).
  io::Task<base::Status> open(io::Datagrams& datagrams, io::Address address);
  io::Task<void> stop();

  const Core& core() const { return core_; }
  void present(std::string data) { core_.present(std::move(data)); }
  void dismiss(MemberId id);
  void leave();

  /// What to ask somebody with "Gossip.Exchange" to tell each other everything, and what to do with
  /// the answer. Errors: denied (the keys differ), invalid.
  std::string exchange_request();
  base::Status take_exchange(const std::string& request, const std::string& answer);

  /// Answers "Gossip.Exchange" and "Gossip.Reach". `admits` is asked about what an asker says of
  /// itself before it is believed. Errors: as above; those of `admits`; not_found (another member
  /// is meant); unsupported.
  using Admits = std::function<base::Status(const Card&)>;
  base::Result<std::string> answer(const std::string& method, const std::string& request,
                                   const Admits& admits);

 private:
  io::Task<void> hear();
  io::Task<void> tick();
  void take(const io::Datagram& packet);
  void act(Output out);
  io::Task<void> reach(Output::Reach wanted);
  io::Task<void> exchange(CardPtr with);
  void complain(const io::Address& from, const std::string& why);

  io::World& world_;
  const GossipConfig config_;
  const std::uint32_t label_;
  Keys& keys_;
  Ask ask_;
  std::function<void(MemberId)> changed_;
  io::Logger log_;
  Core core_;
  std::unique_ptr<io::DatagramSocket> socket_;
  std::map<std::string, base::Duration> complained_;  // by host: when
  io::TaskGroup tasks_;
};

}  // namespace caravan::gossip
