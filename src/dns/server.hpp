// SPDX-License-Identifier: Apache-2.0
// Names are answered by UDP and TCP, straight from the newest snapshot; what is not ours goes to
// the resolvers that the configuration names, for this machine's own programs and others alike, or
// is refused.
#pragma once

#include <memory>
#include <random>

#include "dns/answers.hpp"
#include "dns/ready_answers.hpp"
#include "io/datagrams.hpp"
#include "io/log.hpp"
#include "io/task.hpp"
#include "io/world.hpp"

namespace caravan::dns {

struct ServerConfig {
  Settings settings;
  std::vector<io::Address> recursors;
  bool shuffles_recursors = false;  // else each question goes to the first one first
  base::Duration recursor_timeout{2'000'000'000};
  int udp_answer_limit = 3;      // of those who do not say how much they can take
  bool enable_truncate = false;  // they are told that it was cut
};

/// How other datacenters are asked; of a server. All of it takes a bounded time.
struct Abroad {
  /// Whether there is one of that name; capitals do not count.
  std::function<bool(const std::string& datacenter)> is_known;
  /// What a question is answered there, for whom; "" when nobody answers.
  std::function<io::Task<std::string>(std::string datacenter, std::string packet, bool by_udp,
                                      std::string secret)>
      answer;
  /// What a query that finds nothing here finds there.
  std::function<io::Task<catalog::Fallback>(model::QueryService query, std::string secret)> find;
};

/// Everything on one lane.
class Server {
 public:
  using State = std::function<state::Snapshot()>;
  /// What the token of this secret may see at this moment, and strangers, with ""; nothing set: all
  /// of it.
  using Sight = std::function<Visible(const std::string& secret)>;
  /// Whoever has a state answers for an agent without one; "" when nobody does.
  using Elsewhere = std::function<io::Task<std::string>(std::string packet, bool by_udp)>;
  /// One of the two is given. References outlive it.
  /// `is_heard`: whether anybody listens to what is said of each question.
  Server(io::World& world, io::Datagrams& datagrams, ServerConfig config, State state,
         Elsewhere elsewhere, io::Logger log, std::function<bool()> is_heard, Sight sight);
  ~Server();
  /// Errors: an address in use.
  io::Task<base::Status> start(io::Address address);
  io::Task<void> stop();
  /// Of those who ask here; "" without it. Asked for each question.
  void show(std::function<std::string()> secret) { own_secret_ = std::move(secret); }
  /// Before start(). Without it there is only this datacenter.
  void reach(Abroad abroad) { abroad_ = std::move(abroad); }
  /// What a question is answered with; "" for what is none. `secret`: of whoever asks it.
  io::Task<std::string> respond(std::string packet, bool by_udp, io::Address from,
                                std::string secret);
  /// The same for a server of another datacenter, which is answered about this one only: no
  /// resolver is asked for it, and no third datacenter but where our own queries look next.
  io::Task<std::string> respond_abroad(std::string packet, bool by_udp, std::string secret);

 private:
  struct Door;
  io::Task<void> hear(std::shared_ptr<Door> door);
  io::Task<void> accept(std::shared_ptr<Door> door);
  io::Task<void> converse(std::unique_ptr<io::Stream> stream);
  /// Of a question that is ours, in a server. Nothing when other datacenters are to be asked first.
  std::optional<std::string> answer_here(const Question& question, bool by_udp,
                                         const std::string& secret);
  /// The same, when they are not, or were.
  std::string answer_now(const Question& question, bool by_udp, Source source, bool may_be_ready);
  io::Task<std::string> answer_after_others(const Question& question, std::string packet,
                                            bool by_udp, std::string secret, bool is_foreign);
  io::Task<std::string> answer_ours(const Question& question, std::string packet, bool by_udp,
                                    std::string secret, bool is_foreign);
  std::optional<Unfound> unfound_here(const Question& question, const std::string& secret) const;
  Source source_of(const state::Tables& tables, const Visible& visible) const;
  Reply complete(Reply reply) const;
  io::Task<std::string> relay(std::string packet);
  void tell(const Question& question, base::Duration took, bool by_udp,
            const io::Address& from) const;

  io::World& world_;
  io::Datagrams& datagrams_;
  const ServerConfig config_;
  State state_;
  Elsewhere elsewhere_;
  io::Logger log_;
  std::function<bool()> is_heard_;
  Sight sight_;
  // An order by chance is no secret: one number of the world's starts it, not a call of the kernel
  // for each record.
  std::mt19937_64 chance_;
  const ReadyAnswers::Below below_;
  ReadyAnswers ready_;
  std::function<std::string()> own_secret_ = [] { return ""; };
  Abroad abroad_;
  std::vector<std::shared_ptr<Door>> doors_;
  int asked_elsewhere_ = 0, connections_ = 0;
  io::TaskGroup tasks_;
};

}  // namespace caravan::dns
