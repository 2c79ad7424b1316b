// SPDX-License-Identifier: Apache-2.0
#include "server/broker.hpp"

#include <tuple>

namespace caravan::server {

bool Broker::ByUrgency::operator()(const model::Evaluation& a, const model::Evaluation& b) const {
  return std::tuple(-a.priority, a.create_index, a.id) <
         std::tuple(-b.priority, b.create_index, b.id);
}

namespace {

/// Not longer than was meant by the leader that made it, whose clock may have been ahead of ours.
base::Duration left(const model::Evaluation& eval, base::Instant wall) {
  const base::Instant made{eval.create_time_ns};
  const base::Duration wait = eval.wait_until - wall;
  return made.is_zero() ? wait : std::min(wait, eval.wait_until - made);
}

}  // namespace

void Broker::enqueue(const model::Evaluation& eval, base::Duration now, base::Instant wall) {
  if (!known_.insert(eval.id).second) {
    // Whoever works on it may have looked before the reason for this call came up.
    if (const auto found = unacked_.find(eval.id); found != unacked_.end())
      found->second.again = eval;
    return;
  }
  if (const base::Duration wait = left(eval, wall); wait > base::Duration(0))
    delayed_.emplace(now + wait, eval);
  else
    make_ready(eval);
}

void Broker::make_ready(const model::Evaluation& eval) {
  const auto [holder, free] = job_holder_.try_emplace(eval.job(), eval.id);
  if (free)
    ready_.insert(eval);
  else
    job_pending_[eval.job()].insert(eval);
}

std::optional<Broker::Delivery> Broker::dequeue(base::Duration now) {
  if (ready_.empty()) return {};
  const model::Evaluation eval = *ready_.begin();
  ready_.erase(ready_.begin());
  ++deliveries_[eval.id];
  const std::uint64_t token = next_token_++;
  unacked_.emplace(eval.id, Unacked{eval, token, now + limits_.nack_timeout, {}});
  return Delivery{eval, token};
}

bool Broker::is_outstanding(const base::EvalId& id, std::uint64_t token) const {
  const auto found = unacked_.find(id);
  return found != unacked_.end() && found->second.token == token;
}

void Broker::touch(const base::EvalId& id, std::uint64_t token, base::Duration now) {
  if (is_outstanding(id, token)) unacked_.at(id).deadline = now + limits_.nack_timeout;
}

void Broker::free_job(const base::JobId& job, std::vector<model::Evaluation>& superfluous) {
  job_holder_.erase(job);
  const auto pending = job_pending_.find(job);
  if (pending == job_pending_.end()) return;
  // Each evaluation looks at the whole job, so the newest sees all that the others would have seen.
  const auto newest =
      std::ranges::max_element(pending->second, {}, &model::Evaluation::create_index);
  const model::Evaluation next = *newest;
  for (const model::Evaluation& eval : pending->second)
    if (eval.id != next.id) {
      known_.erase(eval.id);
      superfluous.push_back(eval);
    }
  job_pending_.erase(pending);
  make_ready(next);
}

std::vector<model::Evaluation> Broker::ack(const base::EvalId& id, std::uint64_t token,
                                           base::Duration) {
  std::vector<model::Evaluation> superfluous;
  if (!is_outstanding(id, token)) return superfluous;
  const Unacked done = std::move(unacked_.extract(id).mapped());
  const base::JobId job = done.eval.job();
  deliveries_.erase(id);
  if (done.again)
    job_pending_[job].insert(*done.again);
  else
    known_.erase(id);
  free_job(job, superfluous);
  return superfluous;
}

void Broker::nack(const base::EvalId& id, std::uint64_t token, base::Duration now) {
  if (!is_outstanding(id, token)) return;
  model::Evaluation eval = unacked_.at(id).eval;
  unacked_.erase(id);
  const base::Duration delay =
      deliveries_[id] <= 1 ? limits_.first_nack_delay : limits_.next_nack_delay;
  // The job stays held: its other evaluations wait for this one's next try.
  delayed_.emplace(now + delay, std::move(eval));
}

Broker::Ended Broker::advance(base::Duration now) {
  std::vector<std::pair<base::EvalId, std::uint64_t>> silent;
  for (const auto& [id, unacked] : unacked_)
    if (unacked.deadline <= now) silent.emplace_back(id, unacked.token);
  for (const auto& [id, token] : silent)
    nack(id, token, now);
  Ended ended;
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const model::Evaluation eval = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    const auto holder = job_holder_.find(eval.job());
    const bool comes_again = holder != job_holder_.end() && holder->second == eval.id;
    if (comes_again && deliveries_[eval.id] >= limits_.deliveries_max) {
      deliveries_.erase(eval.id);
      known_.erase(eval.id);
      ended.given_up.push_back(eval);
      free_job(eval.job(), ended.superfluous);
    } else if (comes_again) {
      ready_.insert(eval);
    } else {
      make_ready(eval);
    }
  }
  return ended;
}

std::optional<base::Duration> Broker::next_due() const {
  std::optional<base::Duration> next;
  const auto consider = [&](base::Duration when) { next = next ? std::min(*next, when) : when; };
  if (!delayed_.empty()) consider(delayed_.begin()->first);
  for (const auto& [id, unacked] : unacked_)
    consider(unacked.deadline);
  return next;
}

void Broker::clear() { *this = Broker(limits_); }

std::size_t Broker::pending() const {
  std::size_t n = 0;
  for (const auto& [job, evals] : job_pending_)
    n += evals.size();
  return n;
}

}  // namespace caravan::server
