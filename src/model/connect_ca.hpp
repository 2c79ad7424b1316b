// SPDX-License-Identifier: Apache-2.0
// The authority of the service mesh: its roots, of which one signs, and how it is configured.
// Source of the meaning: Consul's public documentation of the built-in certificate authority.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr base::Duration leaf_ttl_default{259'200'000'000'000};  // 72 h
inline constexpr base::Duration leaf_ttl_min{3'600'000'000'000};        // 1 h
inline constexpr base::Duration leaf_ttl_max{31'536'000'000'000'000};   // a year
inline constexpr base::Duration root_ttl{315'360'000'000'000'000};      // ten years
/// The active one and those before it whose leaves may still be shown.
inline constexpr std::size_t connect_roots_max = 16;

struct ConnectRoot {
  std::string id, name;
  std::uint64_t serial = 0;
  std::string signing_key_id;
  std::string certificate;                 // PEM
  std::vector<std::string> intermediates;  // PEM: what the root before says of it
  base::Instant not_before, not_after;
  bool is_active = false;
  base::Instant rotated_out;  // zero: it is the active one
  base::Uuid key_id;          // of the root key of the cluster that it is sealed under
  std::string sealed;         // its private key, bound to `id`; "" once it signs no more
  std::uint64_t create_index = 0, modify_index = 0;
  base::Duration longest_leaf = leaf_ttl_default;  // that it may have signed
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ConnectRoot& r) {
  v(1, "ID", r.id);
  v(2, "Name", r.name);
  v(3, "SerialNumber", r.serial);
  v(4, "SigningKeyID", r.signing_key_id);
  v(5, "RootCert", r.certificate);
  v(6, "IntermediateCerts", r.intermediates);
  v(7, "NotBefore", r.not_before);
  v(8, "NotAfter", r.not_after);
  v(9, "Active", r.is_active);
  v(10, "RotatedOut", r.rotated_out);
  v(11, "KeyID", r.key_id);
  v(12, "Sealed", r.sealed);
  v(13, "CreateIndex", r.create_index);
  v(14, "ModifyIndex", r.modify_index);
  v(15, "LongestLeaf", r.longest_leaf);
  v.unknown(r.unknown);
}

struct ConnectConfig {
  base::Duration leaf_ttl = leaf_ttl_default;
  // Kept and shown: there are no intermediates that could have a time to live.
  std::string intermediate_ttl = "8760h", rotation_period = "2160h";
  base::Unknown unknown;
  friend bool operator==(const ConnectConfig&, const ConnectConfig&) = default;
};
template <class V>
void fields(V& v, ConnectConfig& c) {
  v(1, "LeafCertTTL", c.leaf_ttl);
  v(2, "IntermediateCertTTL", c.intermediate_ttl);
  v(3, "RotationPeriod", c.rotation_period);
  v.unknown(c.unknown);
}

/// There is one, once somebody has asked for it.
struct ConnectCa {
  base::Uuid cluster;  // in the names of all who are in the mesh
  ConnectConfig config;
  std::vector<ConnectRoot> roots;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  std::string trust_domain() const { return cluster.to_string() + ".consul"; }
  /// Null when there is none.
  const ConnectRoot* active() const {
    for (const ConnectRoot& root : roots)
      if (root.is_active) return &root;
    return nullptr;
  }
};
template <class V>
void fields(V& v, ConnectCa& c) {
  v(1, "Cluster", c.cluster);
  v(2, "Config", c.config);
  v(3, "Roots", c.roots);
  v(4, "CreateIndex", c.create_index);
  v(5, "ModifyIndex", c.modify_index);
  v.unknown(c.unknown);
}

/// Who a service is in the mesh: "spiffe://<trust domain>/ns/default/dc/<datacenter>/svc/<name>".
struct SpiffeService {
  std::string trust_domain, datacenter, service;

  std::string to_uri() const;
  /// Errors: invalid.
  static base::Result<SpiffeService> parse(std::string_view uri);
};

/// A name that can stand in such a URI: 1 to 256 letters, digits, dashes, dots and underscores.
bool is_mesh_name(std::string_view name);

}  // namespace caravan::model
