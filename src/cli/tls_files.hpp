// SPDX-License-Identifier: Apache-2.0
// Certificates as files: what the tls verbs read, name and write.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/certificate.hpp"

namespace caravan::cli {

/// Of a certificate of this kind that is valid from now on for so many days.
crypto::CertificateForm certificate_form(std::string common_name, long long days);
/// Never over a file that is there. Errors: conflict, io.
base::Status write_new(const std::string& path, const std::string& text, unsigned mode);
base::Result<std::string> read_pem(const std::string& path);
/// An authority from its two files.
base::Result<crypto::Issuer> read_issuer(const std::string& path, const std::string& key_path);
/// What is said when a server's certificate is made.
extern const char* const server_certificate_warning;
/// As tables of `tls ca info` and `tls cert info` show it.
std::string certificate_table(const crypto::CertificateFacts& facts);

}  // namespace caravan::cli
