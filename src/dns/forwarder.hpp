// SPDX-License-Identifier: Apache-2.0
// Relays questions as a Corefile says: names of one zone to these resolvers, all others to those.
// Replies are passed on as they are, and nothing is remembered. One lane.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "dns/corefile.hpp"
#include "dns/record.hpp"
#include "io/datagrams.hpp"
#include "io/log.hpp"
#include "io/task.hpp"
#include "io/world.hpp"

namespace caravan::dns {

class Forwarder {
 public:
  /// References outlive it.
  Forwarder(io::World& world, io::Datagrams& datagrams, Corefile file, io::Logger log);
  ~Forwarder();

  /// `addresses`: what the names of interfaces stand for; an address stands for itself. Errors:
  /// io (in use), not_found (an interface).
  using Addresses =
      std::function<base::Result<std::vector<std::string>>(const std::string& interface)>;
  io::Task<base::Status> start(Addresses addresses);
  io::Task<void> stop();

 private:
  struct Door;
  struct Health {
    int fails = 0;
    bool is_probed = false;
  };
  /// One question on its way.
  struct Asked {
    Question question;
    std::string packet;
    io::Address from;
    bool by_udp = false;
  };
  io::Task<base::Status> open(const io::Address& address, const ServerBlock& server,
                              const std::string& zone);
  io::Task<void> hear(std::shared_ptr<Door> door);
  io::Task<void> accept(std::shared_ptr<Door> door);
  io::Task<void> converse(std::shared_ptr<Door> door, std::unique_ptr<io::Stream> stream);
  io::Task<void> answer_packet(std::shared_ptr<Door> door, io::Datagram packet);
  io::Task<std::string> respond(const Door& door, std::string packet, io::Address from,
                                bool by_udp);
  io::Task<std::string> relay(const Forward& rule, const Asked& asked, std::string& error);
  io::Task<std::string> exchange(const Forward& rule, const Asked& asked, io::Address to);
  io::Task<std::string> ask(bool by_udp, io::Address to, std::string packet);
  std::vector<io::Address> order(const Forward& rule);
  void failed(const Forward& rule, const io::Address& at);
  io::Task<void> probe(const Forward& rule, io::Address at);
  void tell(const ServerBlock& server, const Asked& asked, const std::string& reply,
            base::Duration took, const std::string& error) const;

  io::World& world_;
  io::Datagrams& datagrams_;
  const Corefile file_;
  io::Logger log_;
  std::vector<std::shared_ptr<Door>> doors_;
  std::map<std::pair<const Forward*, io::Address>, Health> health_;
  std::map<const Forward*, std::size_t> turns_;  // of round_robin
  std::map<const Forward*, int> asked_of_;       // on their way
  int asked_ = 0, connections_ = 0;
  io::TaskGroup tasks_;
};

}  // namespace caravan::dns
