#pragma once

// Takes Asio and OpenSSL in: for http_server.cc alone, which compiles it once.

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "serve/http_server.h"

namespace purvey::serve {

/// The key is for its owner alone, as the administrator's token is.
inline base::Result<void> check_key_mode(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return base::invalid_input(path + ": the key of TLS cannot be read");
  }
  if ((status.st_mode & 077) == 0) return {};
  return base::invalid_input(
      fmt::format("{}: others may read the key of TLS (mode {:04o}); write `chmod 600 {}`", path,
                  static_cast<unsigned>(status.st_mode & 07777), path));
}

/// What every connection's TLS begins from: the certificate, its key, TLS 1.2 and later. Null if
/// `files` names none. Errors: kInvalidInput for files that are missing, damaged, readable by
/// others (the key), or that do not belong together.
inline base::Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(
    const TlsFiles& files) {
  namespace ssl = boost::asio::ssl;
  if (files.certificate.empty() && files.key.empty()) return {nullptr};
  if (files.certificate.empty() || files.key.empty()) {
    return base::invalid_input("TLS takes a certificate and its key: name both files");
  }
  PURVEY_TRY(check_key_mode(files.key));
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // NOLINTBEGIN(bugprone-unused-return-value): Asio tells an error twice, the argument is looked at
  boost::system::error_code error;
  context->use_certificate_chain_file(files.certificate, error);
  if (error) {
    return base::invalid_input(
        fmt::format("{}: no certificate in PEM form: {}", files.certificate, error.message()));
  }
  context->use_private_key_file(files.key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(context->native_handle()) != 1) {
    ERR_clear_error();
    return base::invalid_input(
        fmt::format("{}: no key in PEM form that belongs to {}", files.key, files.certificate));
  }
  // NOLINTEND(bugprone-unused-return-value)
  return context;
}

}  // namespace purvey::serve
