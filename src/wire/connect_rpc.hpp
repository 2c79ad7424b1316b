// SPDX-License-Identifier: Apache-2.0
// What an agent asks the servers in the name of a service in the mesh. "Connect.Root" takes nothing
// and is answered with the id of the root that signs.
#pragma once

#include <string>

#include "base/time.hpp"
#include "wire/binary.hpp"

namespace caravan::wire {

/// "Connect.Sign": a certificate for a key that never leaves its agent.
struct ConnectSign {
  std::string service, public_pem;
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ConnectSign& s) {
  v(1, "Service", s.service);
  v(2, "PublicPEM", s.public_pem);
  v.unknown(s.unknown);
}

struct ConnectLeaf {
  std::string certificate;  // PEM, with what links it to roots before
  std::string serial, uri, root_id;
  base::Instant not_before, not_after;
  std::uint64_t index = 0;  // of the state that it was signed in
  base::Unknown unknown;
};
template <class V>
void fields(V& v, ConnectLeaf& l) {
  v(1, "Certificate", l.certificate);
  v(2, "Serial", l.serial);
  v(3, "URI", l.uri);
  v(4, "RootID", l.root_id);
  v(5, "NotBefore", l.not_before);
  v(6, "NotAfter", l.not_after);
  v(7, "Index", l.index);
  v.unknown(l.unknown);
}

}  // namespace caravan::wire
