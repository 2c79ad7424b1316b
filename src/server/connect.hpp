// SPDX-License-Identifier: Apache-2.0
// The authority of the service mesh: made when somebody first asks for it, its private key sealed
// under a root key of the cluster like a variable. A root that is replaced vouches for the next
// one, and is shown as long as a leaf of it may live.
#pragma once

#include "crypto/certificate.hpp"
#include "io/log.hpp"
#include "io/task.hpp"
#include "keyring/ring.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"
#include "wire/connect_rpc.hpp"

namespace caravan::server {

/// What an operator wants the authority to be.
struct ConnectSettings {
  model::ConnectConfig config;
  std::string private_key, root_certificate;  // PEM; both "": they stay, or are drawn
  bool without_cross_signing = false;
};

class Connect {
 public:
  /// References outlive it.
  Connect(io::World& world, state::Store& store, Proposals& proposals, const keyring::Ring& ring,
          std::string datacenter, io::Logger log)
      : world_(world),
        store_(store),
        proposals_(proposals),
        ring_(ring),
        datacenter_(std::move(datacenter)),
        log_(std::move(log)) {}

  void start();
  io::Task<void> stop();

  using Ca = state::Ref<model::ConnectCa>;
  /// The authority; the leader makes one when there is none. Errors: unavailable (no root key of
  /// the cluster yet), and those of Proposals.
  io::Task<base::Result<Ca>> ca();
  /// Errors: invalid (a certificate that is no authority's, or does not go with its key),
  /// conflict (somebody else changed it meanwhile), and those of ca().
  io::Task<base::Status> configure(ConnectSettings settings);
  /// Answers "Connect.…", on the leader. Errors: invalid (the service's name, the key), and those
  /// of ca().
  io::Task<base::Result<std::string>> call(std::string method, std::string request);
  /// Seals anew what is sealed under this root key of the cluster. Errors: those of Proposals.
  io::Task<base::Status> reseal(base::Uuid key_id);

 private:
  struct Signer {
    model::ConnectRoot root;
    crypto::CertificateKey key;
  };
  base::Result<Signer> draw(const base::Uuid& cluster);
  base::Result<Signer> given(const ConnectSettings& settings) const;
  base::Status seal_into(const state::Tables& tables, Signer& signer);
  base::Result<crypto::Issuer> open(const state::Tables& tables,
                                    const model::ConnectRoot& root) const;
  base::Status replace_root(const state::Tables& tables, model::ConnectCa& ca, Signer next,
                            bool is_vouched_for);
  base::Result<std::string> sign(const model::ConnectCa& ca, const wire::ConnectSign& asked);
  io::Task<base::Result<bool>> propose(model::ConnectCa ca);
  std::string serial();
  io::Task<void> run();

  io::World& world_;
  state::Store& store_;
  Proposals& proposals_;
  const keyring::Ring& ring_;
  const std::string datacenter_;
  io::Logger log_;
  std::unique_ptr<io::TaskGroup> tasks_;
};

}  // namespace caravan::server
