// SPDX-License-Identifier: Apache-2.0
#include "api/audited.hpp"

#include <boost/asio/awaitable.hpp>

namespace caravan::api {
namespace {

constexpr int status_switching = 101, status_error_min = 400;
/// Of an answer that nobody got: the client went away before.
constexpr int status_none = 0;

base::Error unwritten(const base::Error& why, std::string_view what_became) {
  return {base::Code::io, "the audit log cannot be written, and is enforced: " + why.message +
                              "; " + std::string(what_became)};
}

}  // namespace

Audited::Audited(AuditLog& log, const Face& face, const acl::Gate& gate,
                 const http::Request& request, http::Responder& to)
    : log_(log),
      face_(face),
      request_(request),
      to_(to),
      id_(log.draw()),
      token_(face.token_of(request)) {
  if (base::Result<acl::Authorized> caller = gate.who(token_)) caller_ = *std::move(caller);
}

base::Status Audited::record(AuditStage stage, int status, std::string error) {
  if (!log_.wants(request_.path, name_of(stage), request_.method)) return {};
  AuditEvent event;
  event.stage = stage;
  event.time = log_.now();
  event.id = log_.draw();
  event.request = id_;
  event.asked = &request_;
  event.face = face_.name;
  event.agent = log_.agent();
  event.token = token_;
  event.caller = caller_ ? &*caller_ : nullptr;
  event.status = status;
  event.error = std::move(error);
  return log_.write(audit_entry(event, log_.key()));
}

base::Status Audited::begin_request() {
  const base::Status written = record(AuditStage::received, status_none, "");
  if (written) return {};
  return std::unexpected(unwritten(written.error(), "the request was not carried out"));
}

base::Status Audited::complete(int status, std::string error) {
  if (is_complete_) return {};
  const base::Status written = record(AuditStage::complete, status, std::move(error));
  if (!written) return std::unexpected(unwritten(written.error(), "the request was carried out"));
  is_complete_ = true;
  return {};
}

void Audited::end_request() {
  if (!is_complete_) (void)complete(status_none, "the client went away");
}

io::Task<base::Status> Audited::send(http::Response response) {
  const base::Status written =
      complete(response.status, response.status < status_error_min ? "" : response.body);
  if (!written) response = face_.refusal(written.error());
  is_complete_ = true;
  return to_.send(std::move(response));
}

io::Task<base::Status> Audited::begin(http::Response head) {
  const base::Status written = complete(head.status, "");
  if (written) co_return co_await to_.begin(std::move(head));
  is_complete_ = true;
  http::Response refusal = face_.refusal(written.error());
  (void)co_await to_.send(std::move(refusal));
  co_return written;
}

io::Task<base::Result<io::Stream*>> Audited::upgrade(http::Headers headers,
                                                     std::string& already_read) {
  CO_TRY_VOID(complete(status_switching, ""));
  co_return co_await to_.upgrade(std::move(headers), already_read);
}

}  // namespace caravan::api
