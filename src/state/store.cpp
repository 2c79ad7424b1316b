// SPDX-License-Identifier: Apache-2.0
#include "state/store.hpp"

#include "base/assert.hpp"

namespace caravan::state {
namespace {

/// Copies of a job follow each other in a plan: the last one found is found again.
class LastJob : public wire::JobSource {
 public:
  explicit LastJob(const wire::JobSource& jobs) : jobs_(jobs) {}
  std::shared_ptr<const model::Job> find_job(const wire::JobKey& key) const override {
    if (!job_ || key != key_) {
      job_ = jobs_.find_job(key);
      key_ = key;
    }
    return job_;
  }

 private:
  const wire::JobSource& jobs_;
  mutable wire::JobKey key_;
  mutable std::shared_ptr<const model::Job> job_;
};

/// What the command made that its answer names.
template <class Body>
base::Uuid made_by(const Body& body) {
  if constexpr (std::is_same_v<Body, wire::CreateSession>)
    return body.session.id;
  else if constexpr (std::is_same_v<Body, wire::FireEvent>)
    return body.event.id;
  else if constexpr (std::is_same_v<Body, wire::UpsertPreparedQuery>)
    return body.query.id;
  else if constexpr (std::is_same_v<Body, wire::BootstrapAcl>)
    return body.token.accessor;
  else if constexpr (std::is_same_v<Body, wire::UpsertAclTokens>)
    return body.tokens.empty() ? base::Uuid() : body.tokens.front().accessor;
  else if constexpr (requires { body.eval->id; })
    return body.eval ? base::Uuid(body.eval->id) : base::Uuid();
  else if constexpr (requires { body.evals.front().id; })
    return body.evals.empty() ? base::Uuid() : base::Uuid(body.evals.front().id);
  else
    return {};
}

void apply_any(Change& change, const wire::AnyCommand& command, const wire::JobSource& jobs);

/// A request that was carried out already changes nothing.
void apply_once(Change& change, const wire::ApplyOnce& once, const wire::JobSource& jobs) {
  if (change.tables().request(once.request)) return;
  const base::Result<wire::Command> command = wire::decode_command(once.command, &jobs);
  if (!command || command->body.as<wire::ApplyOnce>()) return;
  apply_any(change, command->body, jobs);
  model::DoneRequest done{.id = once.request, .index = change.index()};
  done.kind = command->body.kind();
  done.refused = change.tables().was_refused(change.index());
  done.made = command->body.visit([](const auto& body) { return made_by(body); });
  change.put(std::make_shared<const model::DoneRequest>(std::move(done)));
}

void apply_any(Change& change, const wire::AnyCommand& command, const wire::JobSource& jobs) {
  const auto one = [&](const auto& body) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(body)>, wire::ApplyOnce>)
      apply_once(change, body, jobs);
    else
      state::apply(change, body);
  };
  command.visit(one);
}

}  // namespace

Store::Store() : published_(std::make_shared<const Tables>()) {}

std::vector<std::string> Store::apply(std::uint64_t log_index, std::string_view bytes) {
  ASSERT(log_index > tables_.log_index());
  tables_.index = log_index + tables_.index_ahead;
  std::vector<std::string> touched;
  const LastJob jobs(tables_);
  const base::Result<wire::Command> command = wire::decode_command(bytes, &jobs);
  if (command) {
    Change change(tables_, tables_.index, command->time_ns);
    apply_any(change, command->body, jobs);
    touched = std::move(change.touched());
  }
  published_.store(std::make_shared<const Tables>(tables_), std::memory_order_release);
  return touched;
}

base::Status Store::restore(std::string_view bytes) {
  TRY(std::unique_ptr<Tables> loaded, load(bytes));
  tables_ = *loaded;
  published_.store(std::make_shared<const Tables>(tables_), std::memory_order_release);
  return {};
}

}  // namespace caravan::state
