// SPDX-License-Identifier: Apache-2.0
// A request whose beginning and end are written down: the end before the client learns of it.
#pragma once

#include "api/audit_entry.hpp"
#include "api/audit_log.hpp"

namespace caravan::api {

class Audited : public http::Responder {
 public:
  /// References outlive it.
  Audited(AuditLog& log, const Face& face, const acl::Gate& gate, const http::Request& request,
          http::Responder& to);

  /// Before anything is done. Errors: io; the request is not to be carried out then.
  base::Status begin_request();
  /// After all, also when no answer was given.
  void end_request();

  io::Task<base::Status> send(http::Response response) override;
  io::Task<base::Status> begin(http::Response head) override;
  io::Task<base::Status> write(std::string_view bytes) override { return to_.write(bytes); }
  io::Task<base::Status> end() override { return to_.end(); }
  io::Task<base::Result<io::Stream*>> upgrade(http::Headers headers,
                                              std::string& already_read) override;
  io::Task<void> hung_up() override { return to_.hung_up(); }

 private:
  base::Status record(AuditStage stage, int status, std::string error);
  base::Status complete(int status, std::string error);

  AuditLog& log_;
  const Face& face_;
  const http::Request& request_;
  http::Responder& to_;
  base::Uuid id_;
  std::string token_;
  std::optional<acl::Authorized> caller_;
  bool is_complete_ = false;
};

}  // namespace caravan::api
