// SPDX-License-Identifier: Apache-2.0
// Any text as the token of a request; and any claims under a good signature, since a cluster's key
// signs what earlier versions wrote, too.
#include <cstdint>

#include "acl/authorized.hpp"
#include "json/reader.hpp"
#include "state/store.hpp"

namespace {
using namespace caravan;

const base::Instant now = base::Instant::from_seconds(1'000'000);
const crypto::SigningKey signer = crypto::SigningKey::from_seed(std::string(32, 's'));

base::Uuid id(std::uint8_t n) {
  base::Uuid id;
  id.bytes[15] = n;
  return id;
}

/// One job with one allocation, and the key of `signer`.
struct Cluster {
  state::Store store;
  std::uint64_t index = 0;
  acl::Gate gate{[] { return now; }};

  Cluster() {
    wire::RegisterJob job;
    job.job.id = "web";
    job.job.groups.emplace_back().name = "app";
    job.job.groups[0].tasks.emplace_back().name = "api";
    apply(job);
    wire::ApplyPlans plans;
    model::Allocation& alloc = plans.plans.emplace_back().placed.emplace_back();
    alloc.id = base::AllocId(id(7));
    alloc.job = store.snapshot()->job({"default", "web"});
    alloc.group = "app";
    apply(plans);
    wire::UpsertRootKey key;
    key.key.id = id(3);
    key.key.public_pem = signer.public_pem();
    apply(key);
    gate.see([this] { return store.snapshot(); });
  }
  template <class Body>
  void apply(Body body) {
    (void)store.apply(++index, wire::encode_command({.time_ns = 1, .body = std::move(body)}));
  }
};

/// A caller who comes in must not be able to do more than its task.
void look_at(const acl::Gate& gate, std::string_view token) {
  const auto caller = gate.who(token);
  if (!caller) return;
  if (caller->is_management() || caller->may(acl::Capability::submit_job, "default"))
    __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Cluster cluster;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  look_at(cluster.gate, text);
  if (const auto claims = json::parse(text); claims && claims->as_object())
    look_at(cluster.gate, crypto::sign_jwt(signer, id(3).to_string(), *claims->as_object()));
  return 0;
}
