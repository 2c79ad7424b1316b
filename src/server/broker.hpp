// SPDX-License-Identifier: Apache-2.0
// Which evaluation is worked on next. Pure: it is told the time and says what follows. By scheduler
// type and priority, oldest first; at most one evaluation of a job at a time; a worker that does
// not answer loses its evaluation to another one, and after three such tries the evaluation is
// given up.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/evaluation.hpp"

namespace caravan::server {

class Broker {
 public:
  struct Limits {
    base::Duration nack_timeout = base::Duration(60'000'000'000);
    int deliveries_max = 3;
    base::Duration first_nack_delay = base::Duration(1'000'000'000);
    base::Duration next_nack_delay = base::Duration(20'000'000'000);
  };
  struct Delivery {
    model::Evaluation eval;
    std::uint64_t token = 0;  // proves, at ack, that the evaluation was not taken away meanwhile
  };

  Broker() = default;
  explicit Broker(Limits limits) : limits_(limits) {}

  /// `now` is here and below the time since some start, which nobody sets; `wall` says how much of
  /// a `wait_until` is left. Takes an evaluation in, unless it waits already; one with a
  /// `wait_until` waits until then. One that a worker has comes once more after its ack.
  void enqueue(const model::Evaluation& eval, base::Duration now, base::Instant wall);
  /// The next one for a worker, or nothing.
  std::optional<Delivery> dequeue(base::Duration now);
  /// Done. The job's next evaluation becomes ready; those it makes superfluous are returned, for
  /// the caller to cancel. Nothing happens when the token is stale.
  std::vector<model::Evaluation> ack(const base::EvalId& id, std::uint64_t token,
                                     base::Duration now);
  /// Not done: it comes again after a delay.
  void nack(const base::EvalId& id, std::uint64_t token, base::Duration now);
  bool is_outstanding(const base::EvalId& id, std::uint64_t token) const;
  /// The worker is alive and busy.
  void touch(const base::EvalId& id, std::uint64_t token, base::Duration now);

  struct Ended {
    std::vector<model::Evaluation> given_up;     // delivered too often
    std::vector<model::Evaluation> superfluous;  // a newer one of the same job took their place
  };
  /// Moves what has come due; tells what is over.
  Ended advance(base::Duration now);
  /// When advance() has something to do next.
  std::optional<base::Duration> next_due() const;
  void clear();

  std::size_t ready() const { return ready_.size(); }
  std::size_t unacked() const { return unacked_.size(); }
  std::size_t waiting() const { return delayed_.size(); }
  std::size_t pending() const;

 private:
  struct ByUrgency {
    bool operator()(const model::Evaluation& a, const model::Evaluation& b) const;
  };
  struct Unacked {
    model::Evaluation eval;
    std::uint64_t token;
    base::Duration deadline;
    std::optional<model::Evaluation> again;  // it was asked for once more meanwhile
  };

  void make_ready(const model::Evaluation& eval);
  void free_job(const base::JobId& job, std::vector<model::Evaluation>& superfluous);

  Limits limits_;
  std::set<model::Evaluation, ByUrgency> ready_;
  std::map<base::JobId, base::EvalId> job_holder_;  // ready or unacked
  std::map<base::JobId, std::set<model::Evaluation, ByUrgency>> job_pending_;
  std::map<base::EvalId, Unacked> unacked_;
  std::multimap<base::Duration, model::Evaluation> delayed_;
  std::map<base::EvalId, int> deliveries_;
  std::set<base::EvalId> known_;
  std::uint64_t next_token_ = 1;
};

}  // namespace caravan::server
