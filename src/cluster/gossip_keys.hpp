// SPDX-License-Identifier: Apache-2.0
// Changes of the gossip keys on all members. A member that seals with a key that another one lacks
// is not heard by it, so before anything changes all that live are asked what they have.
#pragma once

#include <map>

#include "cluster/cluster.hpp"

namespace caravan::cluster {

struct KeyReport {
  std::map<std::string, std::string> messages;  // by member: why it did not do it
  std::map<std::string, int> keys;              // on so many members
  int members = 0;
};

/// Main lane. Errors: invalid (the key; gossip is not encrypted); conflict (some lack the key that
/// shall be used, or use the one that shall go); unavailable (one that lives cannot be asked, and
/// the change would cut it off). The messages name the members.
io::Task<base::Result<KeyReport>> change_gossip_keys(Cluster& cluster, gossip::KeyChange change);

}  // namespace caravan::cluster
