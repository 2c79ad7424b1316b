// SPDX-License-Identifier: Apache-2.0
// The certificates that entry points show: files of the operator, looked through before the data
// plane sees them, and one for everything else, of our own authority or signed by itself.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ingress/route.hpp"
#include "io/task_fwd.hpp"
#include "io/world.hpp"

namespace caravan::ingress {

struct CertificateSources {
  std::vector<std::pair<std::string, std::string>> pairs;  // files: certificate (and chain), key
  std::string folder;  // name-cert.pem with name-key.pem, or name.pem with both in it
  std::string ca_certificate, ca_key;  // files of the authority that issues what is missing
};

class CertificateStore {
 public:
  /// `folder`: the data plane's. References outlive it.
  CertificateStore(io::World& world, CertificateSources sources, std::string folder);
  /// Looks again. Returns whether something is different now. `hosts`: names that need one.
  /// Errors: io (the data plane's folder).
  io::Task<base::Result<bool>> refresh(const std::vector<std::string>& hosts);
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  struct Pair {
    std::string name, certificate, key;
  };
  std::vector<Pair> found();
  void take(const Pair& pair, std::map<std::string, std::string>& wanted);
  base::Result<std::string> issued(const std::string& name, const std::vector<std::string>& hosts);

  io::World& world_;
  const CertificateSources sources_;
  const std::string folder_;
  std::map<std::string, std::string> there_;   // file to content, as written
  std::map<std::string, std::string> issued_;  // by name, until it grows old
  std::map<std::string, base::Instant> renew_at_;
  std::vector<Problem> problems_;
};

}  // namespace caravan::ingress
