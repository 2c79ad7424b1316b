// SPDX-License-Identifier: Apache-2.0
// The keys that the servers sign and seal with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/binary.hpp"

namespace caravan::wire {

/// A root key as the keyring made it: wrapped private parts, public ones in the clear.
struct RootKey {
  base::Uuid id;
  std::string algorithm = "aes256-gcm";
  bool active = true;
  std::int64_t create_time_ns = 0;
  std::string wrapped_key;      // the data key, sealed under the server's key-encryption key
  std::string wrapped_signing;  // PKCS#8 of the signing key, sealed the same way
  std::string public_pem;
  std::uint64_t create_index = 0, modify_index = 0;
  bool rekeying = false;             // not active, and what it sealed is being sealed anew
  std::int64_t publish_time_ns = 0;  // of one that was shown first: when it is to be active
  base::Unknown unknown;

  bool is_prepublished() const { return !active && publish_time_ns != 0; }
  std::string_view state() const {
    if (active) return "active";
    if (rekeying) return "rekeying";
    return is_prepublished() ? "prepublished" : "inactive";
  }
};
template <class V>
void fields(V& v, RootKey& k) {
  v(1, "KeyID", k.id);
  v(2, "Algorithm", k.algorithm);
  v(3, "Active", k.active);
  v(4, "CreateTime", k.create_time_ns);
  v(5, "WrappedKey", k.wrapped_key);
  v(6, "WrappedSigning", k.wrapped_signing);
  v(7, "PublicPem", k.public_pem);
  v(8, "CreateIndex", k.create_index);
  v(9, "ModifyIndex", k.modify_index);
  v(10, "Rekeying", k.rekeying);
  v(11, "PublishTime", k.publish_time_ns);
  v.unknown(k.unknown);
}

struct UpsertRootKey {
  RootKey key;
  bool rekey = false;  // with an active key: what the others sealed is to be sealed anew
  base::Unknown unknown;
};
template <class V>
void fields(V& v, UpsertRootKey& c) {
  v(1, "Key", c.key);
  v(2, "Rekey", c.rekey);
  v.unknown(c.unknown);
}

/// Does nothing to the active key, nor without `force` to one that is used.
struct DeleteRootKey {
  base::Uuid id;
  bool force = false;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, DeleteRootKey& c) {
  v(1, "KeyID", c.id);
  v(2, "Force", c.force);
  v.unknown(c.unknown);
}

struct ResealedVariable {
  std::string ns, path, sealed;
  std::uint64_t modify_index = 0;  // of the content that was sealed anew
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ResealedVariable& r) {
  v(1, "Namespace", r.ns);
  v(2, "Path", r.path);
  v(3, "Sealed", r.sealed);
  v(4, "ModifyIndex", r.modify_index);
  v.unknown(r.unknown);
}

/// The same items in boxes of another key. For readers and writers nothing has changed, so their
/// indexes stay; a variable that was written meanwhile is left alone.
struct ResealVariables {
  base::Uuid key_id;
  std::vector<ResealedVariable> variables;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ResealVariables& c) {
  v(1, "KeyID", c.key_id);
  v(2, "Variables", c.variables);
  v.unknown(c.unknown);
}

}  // namespace caravan::wire
