#include "tests/library/https_server.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

namespace latentreel::library::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL could not make a certificate");
}

// For 127.0.0.1, signed by itself, for an hour.
Certificate certificate_of(EVP_PKEY* key) {
  Certificate certificate(X509_new(), &X509_free);
  auto* x509 = certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key);
  auto* name = X509_get_subject_name(x509);
  const auto* text = reinterpret_cast<const unsigned char*>("a test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(x509, name);
  auto* address = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(x509, address, -1);
  X509_EXTENSION_free(address);
  require(X509_sign(x509, key, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace

HttpsServer::HttpsServer(std::string response, const std::filesystem::path& certificate)
    : response_(std::move(response)), context_(SSL_CTX_new(TLS_server_method())) {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const auto own = certificate_of(key.get());
  require(SSL_CTX_use_certificate(context_, own.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context_, key.get()) == 1);
  std::FILE* file = std::fopen(certificate.c_str(), "w");
  require(file != nullptr && PEM_write_X509(file, own.get()) == 1 && std::fclose(file) == 0);
  thread_ = std::thread([this] { serve(); });
}

HttpsServer::~HttpsServer() {
  stopping_ = true;
  listener_.stop();
  thread_.join();
  SSL_CTX_free(context_);
}

std::string HttpsServer::url(const std::string& path) const {
  return fmt::format("https://127.0.0.1:{}/{}", listener_.port(), path);
}

void HttpsServer::serve() {
  while (!stopping_) {
    const int socket = listener_.accept();
    if (socket < 0) continue;
    auto* connection = SSL_new(context_);
    SSL_set_fd(connection, socket);
    char request[4096];
    if (SSL_accept(connection) == 1 && SSL_read(connection, request, sizeof request) > 0) {
      SSL_write(connection, response_.data(), static_cast<int>(response_.size()));
      SSL_shutdown(connection);
    }
    SSL_free(connection);
    close(socket);
  }
}

}  // namespace latentreel::library::testing
