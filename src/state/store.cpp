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
    std::visit([&](const auto& body) { state::apply(change, body); }, command->body);
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
