// SPDX-License-Identifier: Apache-2.0
#include "wire/node_rpc.hpp"

namespace caravan::wire {
namespace {

/// Only the jobs, so that they are known before the allocations are read.
struct JobsOfReply {
  std::vector<model::Job> jobs;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, JobsOfReply& r) {
  v(1, "Jobs", r.jobs);
  v.unknown(r.unknown);
}

class JobsByKey : public JobSource {
 public:
  explicit JobsByKey(std::vector<model::Job> jobs) {
    for (model::Job& job : jobs) {
      JobKey key = key_of(job);
      jobs_.emplace(std::move(key), std::make_shared<const model::Job>(std::move(job)));
    }
  }
  std::shared_ptr<const model::Job> find_job(const JobKey& key) const override {
    const auto found = jobs_.find(key);
    return found == jobs_.end() ? nullptr : found->second;
  }

 private:
  std::map<JobKey, std::shared_ptr<const model::Job>> jobs_;
};

}  // namespace

base::Result<NodeAllocsReply> decode_allocs_reply(std::string_view bytes) {
  TRY(JobsOfReply first, decode<JobsOfReply>(bytes));
  const JobsByKey jobs(std::move(first.jobs));
  return decode<NodeAllocsReply>(bytes, &jobs);
}

}  // namespace caravan::wire
