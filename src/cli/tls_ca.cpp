// SPDX-License-Identifier: Apache-2.0
// tls ca create, tls ca info.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/tls_files.hpp"
#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* default_days = "1825";

int run_create(Context& context) {
  const base::Result<long long> days = base::parse_int(context.flags.text("days", default_days));
  if (!days || *days <= 0) return context.wrong_use("-days: must be a number of days above 0");
  const std::string domain = context.flags.text("domain", "nomad");
  const std::string name = context.flags.text(
      "common-name", fmt::format("{} Agent CA", domain == "nomad" ? "Nomad" : domain));
  crypto::CertificateForm form = certificate_form(name, *days);
  form.is_authority = true;
  if (context.flags.on("name-constraint")) {
    form.permitted_domains = {domain, "localhost"};
    for (const std::string& more : context.flags.all("additional-domain"))
      form.permitted_domains.push_back(more);
  }
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  const base::Result<std::string> certificate = crypto::issue(form, key);
  if (!certificate) return context.fail("Error creating the CA", certificate.error());
  const std::string path = domain + "-agent-ca.pem", key_path = domain + "-agent-ca-key.pem";
  if (const base::Status written = write_new(key_path, key.to_pem(), 0600); !written)
    return context.fail("Error writing the CA key", written.error());
  if (const base::Status written = write_new(path, *certificate, 0644); !written)
    return context.fail("Error writing the CA", written.error());
  context.out("==> CA certificate saved to: " + path);
  context.out("==> CA certificate key saved to: " + key_path);
  return 0;
}

}  // namespace

int run_certificate_info(Context& context) {
  const base::Result<std::string> text = read_pem(context.words[0]);
  if (!text) return context.fail("Error reading the certificate", text.error());
  const base::Result<crypto::CertificateFacts> facts = crypto::read_certificate(*text);
  if (!facts) return context.fail(context.words[0], facts.error());
  context.out(certificate_table(*facts));
  return 0;
}

Command tls_ca_create_command() {
  Command c;
  c.name = "tls ca create";
  c.synopsis = "Make a certificate authority for the agents";
  c.usage = "[options]";
  c.help =
      "Makes a certificate authority and writes its certificate and its key into this\n"
      "folder. Whoever has the key can make certificates that every agent believes.";
  c.flags = {
      {"days", "n", "Days until it expires. Default: 1825."},
      {"domain", "name", "The domain of the agents' names. Default: nomad."},
      {"common-name", "name", "The name in the certificate."},
      {"name-constraint", "", "It may issue for the domain and localhost alone."},
      {"additional-domain", "name", "With -name-constraint: for these, too. May be repeated."}};
  c.takes = "no arguments";
  c.uses_api = false;
  c.run = run_create;
  return c;
}

Command tls_ca_info_command() {
  Command c;
  c.name = "tls ca info";
  c.synopsis = "Show a certificate authority";
  c.usage = "<file>";
  c.help = "Shows what stands in the certificate of an authority.";
  c.words_min = c.words_max = 1;
  c.takes = "one argument: <file>";
  c.uses_api = false;
  c.run = run_certificate_info;
  return c;
}

}  // namespace caravan::cli
